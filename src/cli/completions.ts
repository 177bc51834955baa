/** Shell completions, made from the table of options. */
import { ScrawlError } from "../errors.ts";
import { COMMANDS } from "../options.ts";

const flags = (command: string) =>
  COMMANDS[command].options.flatMap((o) => [`--${o.name}`, ...(o.short ? [`-${o.short}`] : [])]);

function bash(names: string[]): string {
  const cases = names.map((c) => `    ${c}) words="${flags(c).join(" ")}" ;;`).join("\n");
  const choices = names.flatMap((n) => COMMANDS[n].options).filter((o) => o.choices);
  const values = [...new Map(choices.map((o) => [o.name, o])).values()]
    .map((o) =>
      `    --${o.name}${o.short ? `|-${o.short}` : ""}) COMPREPLY=($(compgen -W "${
        o.choices!.join(" ")
      }" -- "$current")); return ;;`
    );
  return `_scrawl() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${names.join(" ")}" -- "$current")); return; fi
  case "$previous" in
${values.join("\n")}
  esac
  case "\${COMP_WORDS[1]}" in
${cases}
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}
complete -o filenames -F _scrawl scrawl
`;
}

function zsh(names: string[]): string {
  const cases = names.map((n) => COMMANDS[n]).map((c) => {
    const specs = c.options.map((o) => {
      const value = o.value ? `:${o.value}:${o.choices ? `(${o.choices.join(" ")})` : "_files"}` : "";
      const what = o.help.replace(/['[\]:]/g, "");
      return `      '--${o.name}[${what}]${value}'${o.short ? ` '-${o.short}[${what}]${value}'` : ""}`;
    });
    return `    ${c.name}) _arguments \\\n${specs.join(" \\\n")} \\\n      '*:file:_files' ;;`;
  });
  return `#compdef scrawl
_scrawl() {
  if (( CURRENT == 2 )); then compadd ${names.join(" ")}; return; fi
  local command=$words[2]
  shift words; (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
_scrawl "$@"
`;
}

function fish(names: string[]): string {
  const lines = [`complete -c scrawl -n __fish_use_subcommand -f -a "${names.join(" ")}"`];
  for (const c of names.map((n) => COMMANDS[n])) {
    for (const o of c.options) {
      lines.push(
        `complete -c scrawl -n "__fish_seen_subcommand_from ${c.name}" -l ${o.name}${o.short ? ` -s ${o.short}` : ""}` +
          `${o.value ? " -r" : ""}${o.choices ? ` -f -a "${o.choices.join(" ")}"` : ""} -d '${
            o.help.replaceAll("'", "\\'")
          }'`,
      );
    }
  }
  return lines.join("\n") + "\n";
}

/** The completion script of a shell. @param names of the commands that there are. @throws ScrawlError for another shell. */
export function completions(shell: string | undefined, names: string[]): string {
  const made = { bash, zsh, fish }[shell ?? ""];
  if (!made) throw new ScrawlError("arguments", `completions for ${shell ?? "which shell"}? bash, zsh or fish`);
  return made(names);
}
