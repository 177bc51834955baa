/** Lines of a stream of any length, one by one: nothing but the current line is held. */

/** Characters of a line at most: longer than any path, and shorter than what would fill the memory where no line ends. */
export const LONGEST_LINE = 1_000_000;

/**
 * The lines of UTF-8 text without their ends (LF or CRLF), empty ones left out.
 * @yields of a line of more than `LONGEST_LINE` characters the first of them, as many as that and one more.
 */
export async function* textLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let line = "";
  const ended = () => {
    const whole = line.endsWith("\r") ? line.slice(0, -1) : line;
    line = "";
    return whole.trim() === "" ? [] : [whole];
  };
  for await (const part of stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)) {
    const [first, ...rest] = part.split("\n");
    line = (line + first).slice(0, LONGEST_LINE + 1);
    for (const next of rest) {
      yield* ended();
      line = next.slice(0, LONGEST_LINE + 1);
    }
  }
  yield* ended();
}
