import type { OAuth2Client } from '@oauth-registry/core/types';
import { makeClient } from './client.js';
import { during, UsageError, type Terminal } from './output.js';
import { defaultTokenFile, readToken, removeToken, storeToken } from './token-file.js';

/** What `oauth-registry token` does with a stored token. */
export type TokenAction = 'inspect' | 'refresh' | 'revoke';

/** Inspects, refreshes or revokes a token that `login` stored. It is never printed. */
export async function changeToken(
  action: TokenAction,
  given: { target: string; file?: string | undefined; clientSecret?: string | undefined },
  terminal: Terminal,
): Promise<void> {
  const file = given.file ?? defaultTokenFile(given.target, terminal.env);
  const stored = await readToken(file);
  if (action === 'inspect') return print(stored.token, terminal);
  const { clientId, scope, ...set } = stored.options;
  const client = makeClient(
    { target: stored.target, clientId, scope, set, clientSecret: given.clientSecret },
    terminal,
  ) as unknown as OAuth2Client;
  if (!('revokeToken' in client)) {
    throw new UsageError(`Tokens of OAuth 1.0a cannot be changed by "token ${action}".`);
  }
  if (action === 'revoke') {
    await during('Revoking the token', terminal, () => client.revokeToken(stored.token as never));
    await removeToken(file);
    if (terminal.json) terminal.result(JSON.stringify({ revoked: true, file }, undefined, 2));
    terminal.say(
      terminal.colors.green(`The token was revoked at the provider, and ${file} was removed.`),
    );
    return;
  }
  const fresh = await during('Refreshing the token', terminal, () =>
    client.refreshToken(stored.token as never),
  );
  await storeToken({ ...stored, token: fresh as Record<string, unknown> }, file);
  terminal.say(terminal.colors.green(`The token was refreshed and stored in ${file}.`));
  print(fresh as Record<string, unknown>, terminal);
}

/** Prints what a token has, without its secrets. */
function print(stored: Record<string, unknown>, { result }: Terminal): void {
  const secret = /^(?:access_token|refresh_token|id_token|oauth_token|oauth_token_secret)$/;
  const shown = Object.entries(stored).filter(([name]) => name !== 'userinfo');
  const { expires_at: end } = stored;
  const lines = shown.map(([name, value]) => [
    name,
    secret.test(name) ? `(${String(value).length} characters)` : value,
  ]);
  if (typeof end === 'number') {
    const seconds = end - Math.floor(Date.now() / 1000);
    lines.push(['expires', seconds > 0 ? `in ${seconds} s` : `${-seconds} s ago`]);
  }
  result(JSON.stringify(Object.fromEntries(lines), undefined, 2));
}
