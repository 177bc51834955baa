/** Time that programs take on the device, by timestamps around each. */

/** Timestamps that a query set may hold at most. */
const MOST = 4096;

export class Profile {
  private readonly queries: GPUQuerySet;
  private readonly names: string[] = [];

  constructor(private device: GPUDevice) {
    if (!device.features.has("timestamp-query")) {
      throw new Error("This device takes no time of its programs: it lacks timestamp-query");
    }
    this.queries = device.createQuerySet({ type: "timestamp", count: MOST });
  }

  /** Where the next pass puts its two timestamps; `undefined` once there is no room for more. */
  next(name: string): GPUComputePassTimestampWrites | undefined {
    const at = 2 * this.names.length;
    if (at + 2 > MOST) return undefined;
    this.names.push(name);
    return { querySet: this.queries, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 };
  }

  /** Milliseconds by name, the longest first. All commands must be handed over. */
  async times(): Promise<[string, number][]> {
    const count = 2 * this.names.length;
    if (count === 0) return [];
    const usage = GPUBufferUsage;
    const solved = this.device.createBuffer({ size: 8 * count, usage: usage.QUERY_RESOLVE | usage.COPY_SRC });
    const read = this.device.createBuffer({ size: 8 * count, usage: usage.MAP_READ | usage.COPY_DST });
    const encoder = this.device.createCommandEncoder();
    encoder.resolveQuerySet(this.queries, 0, count, solved, 0);
    encoder.copyBufferToBuffer(solved, 0, read, 0, 8 * count);
    this.device.queue.submit([encoder.finish()]);
    await read.mapAsync(GPUMapMode.READ);
    const stamps = new BigUint64Array(read.getMappedRange().slice(0));
    [solved, read].forEach((b) => b.destroy());
    this.queries.destroy();
    const times = new Map<string, number>();
    this.names.forEach((name, i) => {
      const ms = Number(stamps[2 * i + 1] - stamps[2 * i]) / 1e6;
      times.set(name, (times.get(name) ?? 0) + Math.max(0, ms));
    });
    return [...times].sort((a, b) => b[1] - a[1]);
  }
}
