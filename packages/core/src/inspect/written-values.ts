import type { RegisterOptions } from '../options/register-options.js';
import type { Finding } from './finding.js';

/** What a credential looks like that was copied with something around it, or not at all. */
const mistakes: readonly [pattern: RegExp, text: string][] = [
  [/^\s|\s$/, 'begins or ends with white space, such as the line break of a file. Remove it'],
  [/^(["'`]).*\1$/s, 'is in quotation marks. Remove them; not every reader of .env files does'],
  [
    /^(?:<.*>|\[.*\]|\{.*\}|\.{3}|x{3,}|change[-_ ]?me|todo|(?:your|my)[-_ ].*|.*[-_ ]here)$/i,
    'is a placeholder. Set what the provider shows in the settings of your application',
  ],
];

/** Checks that the client's identifier and secret are values of a provider, as they were shown. */
export function checkWrittenValues(options: Readonly<RegisterOptions>): Finding[] {
  const { clientId, clientSecret } = options;
  const given = Object.entries({ clientId, clientSecret });
  const found = given.flatMap(([option, value]): Finding[] => {
    const mistake = mistakes.find(([pattern]) => value !== undefined && pattern.test(value));
    if (mistake === undefined) return [];
    return [{ level: 'warning', check: option, text: `"${option}" ${mistake[1]}` }];
  });
  if (clientId === undefined || clientId !== clientSecret) return found;
  const text = '"clientSecret" is the same as "clientId". Check which is which';
  return [...found, { level: 'warning', check: 'clientSecret', text }];
}
