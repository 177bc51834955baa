/**
 * Which steps learn from new samples and which from those before: a device learns faster than samples are made, and a few passes
 * over many samples teach nearly what new ones do (Muennighoff et al. 2023, "Scaling data-constrained language models").
 */

/** Steps' samples that are kept to be learnt from again: 256 lines of usual width are 3 MB. */
const MOST = 256;

export class Replay {
  private readonly kept: unknown[] = [];
  private next = 0;

  /** Of `repeats` steps in turn the first has new samples. `seed` decides which of the kept ones the others have. */
  constructor(private repeats: number, private seed: number, private most = MOST) {}

  /** How many steps' samples are made for so many steps. */
  made(steps: number): number {
    return Math.ceil(steps / this.repeats);
  }

  /** Samples of an earlier step to learn from again in `step`; `undefined` where it wants new ones. */
  again(step: number): unknown {
    if (step % this.repeats === 0 || this.kept.length === 0) return undefined;
    return this.kept[Math.floor(mixed(this.seed, step) * this.kept.length)];
  }

  /** Keeps new samples, in place of the oldest where there are enough. */
  keep(samples: unknown): void {
    if (this.repeats === 1) return;
    this.kept[this.next] = samples;
    this.next = (this.next + 1) % this.most;
  }
}

/** A number in [0, 1) that `seed` and `step` decide; the multipliers are those of a mixing function with little bias (Wellons 2018). */
function mixed(seed: number, step: number): number {
  let z = (Math.imul(seed, 0x9e3779b9) + Math.imul(step + 1, 0x85ebca6b)) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
}
