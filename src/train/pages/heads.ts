/** The heads of a page net, as crates/page/src/heads.rs has them. */

/** Independent sigmoids, in order; behind them the heights above and below, and the turn's four. */
export const SIGMOIDS = [
  "hand",
  "print",
  "other",
  "lying",
  "upright",
  "coreHand",
  "corePrint",
  "gap",
  "link",
] as const;
export const ABOVE = 9;
export const TURN = 11;
export const HEADS = 15;

/** Planes of truth: those of the sigmoids, heights above and below in steps of a quarter pixel, turn, what is not known. */
export const PLANES = 13;
export const TRUTH = { above: 9, below: 10, turn: 11, ignore: 12 } as const;
/** Which bit of the ignore plane covers each sigmoid, and which the heights. */
export const IGNORED_BY = [1, 2, 4, 8, 8, 64, 16, 16, 16] as const;
export const IGNORE_HEIGHT = 32;
/** A step of the height planes in units of the height heads. */
export const HEIGHT_STEP = 0.25 / 16;
/** Rows and columns of the input to one of the output. */
export const STRIDE = 2;
