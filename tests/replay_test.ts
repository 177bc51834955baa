import { assert, assertEquals } from "@std/assert";
import { Replay } from "../src/train/replay.ts";

/** What steps `from` to `until` learn from: the number of new samples, or those of an earlier step. */
function steps(replay: Replay, from: number, until: number): number[] {
  let made = replay.made(from);
  return Array.from({ length: until - from }, (_, i) => {
    const again = replay.again(from + i) as number | undefined;
    if (again !== undefined) return again;
    replay.keep(made);
    return made++;
  });
}

Deno.test("each step has new samples where nothing is learnt from again", () => {
  assertEquals(steps(new Replay(1, 7), 0, 5), [0, 1, 2, 3, 4]);
});

Deno.test("of three steps one has new samples, the others have some that are kept", () => {
  const replay = new Replay(3, 7, 4);
  const learnt = steps(replay, 0, 300);
  assertEquals(learnt.filter((_, i) => i % 3 === 0), Array.from({ length: 100 }, (_, i) => i));
  assertEquals(replay.made(300), 100);
  // Only the last four are kept, and all of them come again.
  learnt.forEach((s, i) => assert(s <= Math.floor(i / 3) && s > Math.floor(i / 3) - 4, `step ${i} learns from ${s}`));
  const ages = new Set(learnt.map((s, i) => Math.floor(i / 3) - s));
  assertEquals(ages.size, 4);
});

Deno.test("the seed decides what comes again, and a run that goes on begins with new samples", () => {
  assertEquals(steps(new Replay(3, 7), 0, 60), steps(new Replay(3, 7), 0, 60));
  assert(steps(new Replay(3, 7), 0, 60).join() !== steps(new Replay(3, 8), 0, 60).join());
  assertEquals(steps(new Replay(3, 7), 31, 33), [11, 11]);
});
