/** Numbers that follow from a seed alone: xorshift32 (Marsaglia 2003). */
export class Generator {
  constructor(private state: number) {
    this.state = (Math.imul(state ^ 0x9e3779b9, 0x85ebca6b) >>> 0) || 1;
  }

  /** A whole number from 0 to below `n`. */
  below(n: number): number {
    this.state ^= this.state << 13;
    this.state >>>= 0;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    this.state >>>= 0;
    return n > 0 ? this.state % n : 0;
  }

  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)];
  }

  /** True once in `n` times on average. */
  once(n: number): boolean {
    return this.below(n) === 0;
  }

  bytes(n: number): Uint8Array {
    return Uint8Array.from({ length: n }, () => this.below(256));
  }
}
