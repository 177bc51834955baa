/** Averages flat arrays over workers through shared memory. Every worker calls it with the same length, in step. */
export class Exchange {
  private readonly control: Int32Array;
  private readonly slots: Float32Array[];

  /** Shared memory for `ranks` workers that exchange at most `length` values. */
  static buffer(ranks: number, length: number): SharedArrayBuffer {
    return new SharedArrayBuffer(16 + 4 * ranks * length);
  }

  constructor(buffer: SharedArrayBuffer, private rank: number, private ranks: number) {
    this.control = new Int32Array(buffer, 0, 4);
    const length = (buffer.byteLength - 16) / 4 / ranks;
    this.slots = Array.from({ length: ranks }, (_, i) => new Float32Array(buffer, 16 + 4 * i * length, length));
  }

  /** Waits until all workers are here. */
  private barrier(): void {
    const generation = Atomics.load(this.control, 1);
    if (Atomics.add(this.control, 0, 1) === this.ranks - 1) {
      Atomics.store(this.control, 0, 0);
      Atomics.add(this.control, 1, 1);
      Atomics.notify(this.control, 1);
    } else {
      while (Atomics.load(this.control, 1) === generation) Atomics.wait(this.control, 1, generation, 1000);
    }
  }

  /** Replaces `values` by their mean over all workers, added in the order of ranks so that all get the same bits. */
  average(values: Float32Array): void {
    if (this.ranks === 1) return;
    this.slots[this.rank].set(values);
    this.barrier();
    values.fill(0);
    for (const slot of this.slots) {
      for (let i = 0; i < values.length; i++) values[i] += slot[i];
    }
    for (let i = 0; i < values.length; i++) values[i] /= this.ranks;
    this.barrier();
  }
}
