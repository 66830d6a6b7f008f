import type { ChoiceOptions } from './server-choice.js';
import type { ChosenServer, Token } from '../model/types.js';
import { isHost } from '../quirks/url-variables.js';

/**
 * Makes a subject unique across user-chosen servers: unless it is a URL on its server, it is
 * prefixed with the server, `social.example$1234`. Otherwise a server could impersonate users of
 * another.
 */
export function subjectAt(
  { server }: Token,
  sub: string,
  options: Readonly<ChoiceOptions>,
): string {
  if (server === undefined || options.serverLocator?.globalSubject) return sub;
  const chosen = Object.entries(server as ChosenServer);
  const prefix = chosen.map(([, value]) => `${value}$`).join('');
  const hosts = chosen.filter(([name]) => isHost(options, name)).map(([, value]) => value);
  return sub.startsWith(prefix) || isAt(sub, hosts) ? sub : prefix + sub;
}

function isAt(sub: string, hosts: readonly string[]): boolean {
  if (!URL.canParse(sub)) return false;
  const { protocol, host, origin } = new URL(sub);
  return (protocol === 'https:' && hosts.includes(host)) || hosts.includes(origin);
}
