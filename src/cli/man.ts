/** The manual page of a program, made from the table of options: roff for `man` (man(7)). */
import { type Command, COMMANDS } from "../options.ts";
import { VERSION } from "../version.ts";

/** Text as roff reads it: backslashes and hyphens stand for themselves, and a dot or quote at a line's beginning is no request. */
const roff = (text: string) => text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^([.'])/gm, "\\&$1");

function section({ name, operands, summary, options, examples }: Command): string {
  const rows = options.map((o) => {
    const flags = [...(o.short ? [`-${o.short}`] : []), `--${o.name}`].map((f) => `\\fB${roff(f)}\\fR`).join(", ");
    const extra = [o.choices && `one of ${o.choices.join(", ")}`, o.default && `default ${o.default}`].filter(Boolean);
    const value = o.value ? ` \\fI${roff(o.value)}\\fR` : "";
    return `.TP\n${flags}${value}\n${roff(o.help)}${extra.length > 0 ? ` (${roff(extra.join("; "))})` : ""}`;
  });
  const shown = (examples ?? []).map(([args, what]) => `.TP\n\\fB${roff(`scrawl ${name} ${args}`)}\\fR\n${roff(what)}`);
  return [
    `.SS scrawl ${name} [\\fIOPTIONS\\fR] ${roff(operands)}`,
    roff(summary),
    ...rows,
    ...(shown.length > 0 ? [".PP", "Examples:", ...shown] : []),
  ].join("\n");
}

/** @param names of the commands that the program has. */
export function manPage(names: string[]): string {
  return `.TH SCRAWL 1 "" "scrawl ${VERSION}" "User Commands"
.SH NAME
scrawl \\- reads handwriting from pictures and PDF files
.SH SYNOPSIS
\\fBscrawl\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR] ...
.br
\\fBscrawl\\fR [\\fIOPTIONS\\fR] \\fIFILE\\fR...
.SH DESCRIPTION
Without a command files are read, as by \\fBscrawl ocr\\fR. Results go to standard output or to files, everything else to standard error.
.SH COMMANDS
${names.map((n) => section(COMMANDS[n])).join("\n")}
.SH EXIT STATUS
0 everything was read; 1 an option is wrong; 2 a file is damaged, unknown or too large; 4 the output cannot be written;
5 a file is not there; 8 a PDF wants a password; 15 anything else; 130 interrupted.
`;
}
