/** What goes to a terminal: text from pages and names of files never steer it. */

/** The text with control characters shown as `\xNN`, but for those in `kept`. */
export function shown(text: string, kept = ""): string {
  return text.replace(
    /\p{Cc}/gu,
    (c) => kept.includes(c) ? c : `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/** A line on stderr. */
export function say(line: string): void {
  console.error(shown(line));
}
