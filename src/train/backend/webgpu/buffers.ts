/** Buffers of the device, used again by size: a training step asks for the same ones over and over. */

/** Buffers smaller than this are of a power of two, larger ones of that or one and a half times it. */
const SMALL = 1 << 16;

function rounded(size: number): number {
  let s = 256;
  while (s < size) s *= 2;
  return s > SMALL && s * 0.75 >= size ? s * 0.75 : s;
}

/**
 * Stands in for tfjs's own manager, which keeps buffers by exact size: lines of many widths would fill the memory with them.
 * What is released may be given away at once, as the device runs commands in their order. Of free buffers the oldest is taken: a
 * step like the one before then gets the same ones, and its bind groups are there already.
 */
export class Buffers {
  private readonly free = new Map<string, GPUBuffer[]>();
  private readonly ages = new WeakMap<GPUBuffer, number>();
  private made = 0;
  private used = 0;
  private spare = 0;
  numBytesUsed = 0;
  numBytesAllocated = 0;

  constructor(private device: GPUDevice) {}

  /** A buffer of at least `size` bytes. */
  acquireBuffer(size: number, usage: number, mappedAtCreation = false, reuse = true): GPUBuffer {
    const limit = Math.min(this.device.limits.maxBufferSize, this.device.limits.maxStorageBufferBindingSize);
    if (size > limit) {
      throw new RangeError(
        `A tensor of ${size.toLocaleString("en")} bytes is more than this device binds (${
          limit.toLocaleString("en")
        }): use a smaller --batch`,
      );
    }
    const bytes = Math.max(size, Math.min(rounded(size), limit - limit % 4));
    let buffer = reuse ? this.oldest(`${bytes} ${usage}`) : undefined;
    if (buffer) this.spare--;
    else {
      buffer = this.device.createBuffer({ size: bytes, usage, mappedAtCreation });
      this.ages.set(buffer, this.made++);
      this.numBytesAllocated += bytes;
    }
    this.used++;
    this.numBytesUsed += bytes;
    return buffer;
  }

  private oldest(key: string): GPUBuffer | undefined {
    const all = this.free.get(key);
    if (!all || all.length === 0) return undefined;
    let at = 0;
    for (let i = 1; i < all.length; i++) if (this.ages.get(all[i])! < this.ages.get(all[at])!) at = i;
    const buffer = all[at];
    all[at] = all[all.length - 1];
    all.pop();
    return buffer;
  }

  releaseBuffer(buffer: GPUBuffer, reuse = true): void {
    this.used--;
    this.numBytesUsed -= buffer.size;
    if (!reuse) {
      this.numBytesAllocated -= buffer.size;
      return buffer.destroy();
    }
    const key = `${buffer.size} ${buffer.usage}`;
    if (!this.free.has(key)) this.free.set(key, []);
    this.free.get(key)!.push(buffer);
    this.spare++;
  }

  getNumUsedBuffers = () => this.used;
  getNumFreeBuffers = () => this.spare;

  dispose(): void {
    this.free.forEach((buffers) => buffers.forEach((b) => b.destroy()));
    this.free.clear();
  }
}
