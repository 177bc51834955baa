/** Time that programs take on the device, by timestamps around each. */

/** Timestamps that a query set may hold at most. */
const MOST = 4096;

/** What the runs of a program took together. */
export interface ProgramTime {
  name: string;
  runs: number;
  ms: number;
  macs: number;
}

export class Profile {
  private readonly queries: GPUQuerySet;
  private readonly runs: { name: string; macs: number }[] = [];

  constructor(private device: GPUDevice) {
    if (!device.features.has("timestamp-query")) {
      throw new Error("This device takes no time of its programs: it lacks timestamp-query");
    }
    this.queries = device.createQuerySet({ type: "timestamp", count: MOST });
  }

  /** Where the next pass puts its two timestamps; `undefined` once there is no room for more. */
  next(name: string, macs: number): GPUComputePassTimestampWrites | undefined {
    const at = 2 * this.runs.length;
    if (at + 2 > MOST) return undefined;
    this.runs.push({ name, macs });
    return { querySet: this.queries, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 };
  }

  /** Times by name, the longest first. All commands must be handed over. */
  async times(): Promise<ProgramTime[]> {
    const count = 2 * this.runs.length;
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
    const times = new Map<string, ProgramTime>();
    this.runs.forEach(({ name, macs }, i) => {
      const t = times.get(name) ?? { name, runs: 0, ms: 0, macs: 0 };
      t.runs++;
      t.ms += Math.max(0, Number(stamps[2 * i + 1] - stamps[2 * i]) / 1e6);
      t.macs += macs;
      times.set(name, t);
    });
    return [...times.values()].sort((a, b) => b.ms - a.ms);
  }
}
