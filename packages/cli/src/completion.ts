import { names } from '@oauth-registry/core/providers';
import type { Argument, Command, Option } from 'commander';

/** The shells that `completion` knows. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/** What can follow the name of a command, or of an option. */
interface Words {
  name: string;
  /** The values: of the arguments of a command, or of an option. */
  values: readonly string[];
  options: readonly Option[];
}

/** Returns the script that completes commands, options and their values in a shell. */
export function completion(shell: (typeof shells)[number], program: Command): string {
  const help = program.createHelp();
  const commands: Words[] = help.visibleCommands(program).map((command) => ({
    name: command.name(),
    values: command.registeredArguments.flatMap(valuesOf),
    options: help.visibleOptions(command),
  }));
  const all = {
    name: '',
    values: commands.map(({ name }) => name),
    options: help.visibleOptions(program),
  };
  if (shell === 'fish') return fish([all, ...commands]);
  const script = bash(all, commands);
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${script}` : script;
}

/** The values of an argument or an option: its choices, or the presets. */
function valuesOf(one: Argument | Option): readonly string[] {
  if (one.argChoices) return one.argChoices;
  return one.name() === 'provider' ? names : [];
}

const longOf = (options: readonly Option[]): string =>
  options.flatMap(({ long }) => long ?? []).join(' ');

const pattern = (some: readonly Option[]): string => some.map(({ long }) => long).join('|');

function bash(all: Words, commands: readonly Words[]): string {
  const options = [
    ...new Map(commands.flatMap((one) => one.options).map((one) => [one.long, one])).values(),
  ];
  const takesValue = options.filter(({ required }) => required);
  const known = takesValue.filter((one) => valuesOf(one).length > 0);
  const files = takesValue.filter(({ flags }) => flags.includes('<file>'));
  const free = takesValue.filter((one) => !known.includes(one) && !files.includes(one));
  return `_oauth_registry() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" values options
  case "$before" in
${known.map((one) => `    ${one.long ?? ''}) COMPREPLY=($(compgen -W "${valuesOf(one).join(' ')}" -- "$word")); return ;;`).join('\n')}
    ${pattern(files)}) COMPREPLY=($(compgen -f -- "$word")); return ;;
    ${pattern(free)}) return ;;
  esac
  if [ "$COMP_CWORD" = 1 ]; then values="${all.values.join(' ')}" options="${longOf(all.options)}"
  else case "\${COMP_WORDS[1]}" in
${commands.map(({ name, values, options: own }) => `    ${name}) values="${values.join(' ')}" options="${longOf(own)}" ;;`).join('\n')}
  esac; fi
  if [[ "$word" == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif [ -n "$values" ]; then COMPREPLY=($(compgen -W "$values" -- "$word"))
  else COMPREPLY=($(compgen -f -- "$word")); fi
}
complete -F _oauth_registry oauth-registry`;
}

const line = (when: string, rest: string): string =>
  `complete -c oauth-registry -n "${when}" ${rest}`;

function fish([all, ...commands]: readonly [Words, ...Words[]]): string {
  const optionsOf = ({ options }: Words, when: string): string[] =>
    options.map((one) => {
      const isFile = one.flags.includes('<file>') ? ' -F' : '';
      const values = valuesOf(one).length > 0 ? ` -a "${valuesOf(one).join(' ')}"` : '';
      return line(when, `-l ${one.name()}${one.required ? ' -r' : ''}${isFile}${values}`);
    });
  return [
    'complete -c oauth-registry -f',
    line('__fish_use_subcommand', `-a "${all.values.join(' ')}"`),
    ...optionsOf(all, '__fish_use_subcommand'),
    ...commands.flatMap((command) => {
      const when = `__fish_seen_subcommand_from ${command.name}`;
      const values =
        command.values.length > 0
          ? line(when, `-a "${command.values.join(' ')}"`)
          : line(when, '-F');
      return [values, ...optionsOf(command, when)];
    }),
  ].join('\n');
}
