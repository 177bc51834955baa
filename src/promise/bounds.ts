/** Exact binomial bounds of an error rate (Clopper and Pearson 1934): what so many fields with so few errors prove. */

/** Logarithms of factorials, from 0; grows as it is asked. */
const factorials = [0];

function logFactorial(n: number): number {
  for (let i = factorials.length; i <= n; i++) factorials.push(factorials[i - 1] + Math.log(i));
  return factorials[n];
}

/** Probability of at most `wrong` errors among `n` fields, where each is wrong with probability `rate`. */
export function atMost(wrong: number, n: number, rate: number): number {
  if (wrong >= n) return 1;
  if (rate <= 0) return 1;
  if (rate >= 1) return 0;
  let sum = 0;
  for (let k = 0; k <= wrong; k++) {
    const ways = logFactorial(n) - logFactorial(k) - logFactorial(n - k);
    sum += Math.exp(ways + k * Math.log(rate) + (n - k) * Math.log1p(-rate));
  }
  return Math.min(1, sum);
}

/** The error rate that is not passed with probability `confidence`, after `wrong` errors among `n` fields. */
export function upperBound(wrong: number, n: number, confidence: number): number {
  if (n === 0 || wrong >= n) return 1;
  let [low, high] = [wrong / n, 1];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (atMost(wrong, n, middle) > 1 - confidence) low = middle;
    else high = middle;
  }
  return high;
}

/** The least number of fields which, with `wrong` errors among them, prove a rate below `budget`. */
export function needed(wrong: number, budget: number, confidence: number): number {
  let [low, high] = [wrong, wrong + 1];
  while (atMost(wrong, high, budget) > 1 - confidence) [low, high] = [high, 2 * high];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (atMost(wrong, middle, budget) > 1 - confidence) low = middle;
    else high = middle;
  }
  return high;
}
