import { names } from '@oauth-registry/core/providers';

const commands = 'login doctor init providers token secret completion help';
const options =
  '--help --version --json --client-id --client-secret --scope --set --device --port --out --callback --framework --file';

/** The shells that `completion` knows. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/** Returns the script that completes commands, options and presets in a shell. */
export function completion(shell: (typeof shells)[number]): string {
  const presets = names.join(' ');
  if (shell === 'fish') {
    return [
      `complete -c oauth-registry -f`,
      `complete -c oauth-registry -n __fish_use_subcommand -a "${commands}"`,
      `complete -c oauth-registry -n "__fish_seen_subcommand_from login token" -a "${presets}"`,
      ...options.split(' ').map((one) => `complete -c oauth-registry -l ${one.slice(2)}`),
    ].join('\n');
  }
  const script = `_oauth_registry() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" = 1 ]; then COMPREPLY=($(compgen -W "${commands}" -- "$word"))
  elif [[ "$word" == -* ]]; then COMPREPLY=($(compgen -W "${options}" -- "$word"))
  else COMPREPLY=($(compgen -W "${presets}" -- "$word")); fi
}
complete -F _oauth_registry oauth-registry`;
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${script}` : script;
}
