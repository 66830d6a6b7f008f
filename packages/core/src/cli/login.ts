import { withoutUndefined } from '../platform/encoding.js';
import { internalsOf, type FrameworkClient } from '../client/client.js';
import { equalInConstantTime } from '../platform/crypto.js';
import { OAuthError } from '../model/errors.js';
import { OAuth } from '../index.js';
import type { OAuth2Client } from '../types.js';
import type { RegisterOptions } from '../options/register-options.js';
import { byName } from '../providers/by-name.js';
import type { AuthorizationRequest, Token } from '../model/types.js';
import { openLoopback, type Accept } from './loopback.js';
import type { Terminal } from './output.js';
import { defaultTokenFile, storeToken } from './token-file.js';

/** Arguments of `oauth-registry login`. */
export interface LoginCommand {
  /** An issuer URL, or the name of a preset. */
  target: string;
  clientId?: string | undefined;
  clientSecret?: string | undefined;
  scope?: string | undefined;
  /** Additional options as strings, such as a preset's URL variables: `domain=my.auth0.example`. */
  set?: readonly string[] | undefined;
  /** Logs in with the device flow (RFC 8628). */
  device: boolean;
  /** Port to listen on at 127.0.0.1; 0 selects a free one. */
  port: number;
  /** Path of the token file. */
  out?: string | undefined;
}

/** Maximum time for the login, in milliseconds. */
const patience = 600_000;

const posting =
  '\nThe provider sends a form_post response there, so the browser must be on this machine.';

/** Logs the user in, prints the profile, and stores the token. The token is never printed. */
export async function login(command: LoginCommand, terminal: Terminal): Promise<void> {
  const client = makeClient(command, terminal);
  const token = command.device
    ? await byDevice(client, terminal)
    : await byBrowser(client, command.port, terminal);
  const claims = await internalsOf(client).userOf(token);
  const file = command.out ?? defaultTokenFile(fileName(command.target), terminal.env);
  const path = await storeToken(token, file);
  terminal.print(
    claims ? JSON.stringify(claims, undefined, 2) : 'Logged in. The provider has no user profile.',
  );
  terminal.print(`The token is stored in ${path}, readable only by you.`);
}

function makeClient(command: LoginCommand, { env }: Terminal): FrameworkClient {
  const { target, clientId, clientSecret, scope } = command;
  const given: RegisterOptions = withoutUndefined({ clientId, clientSecret, scope });
  for (const setting of command.set ?? []) {
    const [, name, value] = /^(\w+)=(.+)$/s.exec(setting) ?? [];
    if (name === undefined) {
      throw new OAuthError(
        'invalid_options',
        '--set takes name=value, such as --set responseMode=form_post.',
      );
    }
    Object.assign(given, { [name]: value });
  }
  const oauth = new OAuth({ config: env });
  if (!URL.canParse(target)) {
    return oauth.register(target, byName(target)({ ...given })).createClient(target);
  }
  const options = { scope: 'openid profile email', ...given, issuer: target };
  return oauth.register('cli', options).createClient('cli');
}

function fileName(target: string): string {
  if (!URL.canParse(target)) return target;
  const { host, pathname } = new URL(target);
  return host + pathname.replace(/\/$/, '');
}

/**
 * Opens a login in the browser and waits for the callback: at a loopback redirect URI, or as a
 * pasted URL.
 */
async function byBrowser(
  client: FrameworkClient,
  port: number,
  { print, lines }: Terminal,
): Promise<Token> {
  const callback = waitForCallback();
  const loopback = await openLoopback(port, callback.accept);
  const late = setTimeout(() => callback.giveUp(), patience);
  try {
    const request = await client.createAuthorizationUrl(loopback.redirectUri);
    callback.expect(request);
    print(`Open this URL in a browser:\n\n  ${request.url}\n`);
    print(
      `The provider redirects the browser to ${loopback.redirectUri}, which must be registered there as a redirect URI ` +
        `(RFC 8252 §7.3).${request.formPost ? posting : '\nIf the browser is on another machine, paste the URL of the last page here.'}`,
    );
    void readPasted(lines, { ...loopback, accept: callback.accept, print });
    return await client.fetchAccessToken(await callback.params, request);
  } finally {
    clearTimeout(late);
    loopback.close();
  }
}

const doNothing = (): void => undefined;

/** Waits for the callback of one login. Other callbacks are ignored. */
function waitForCallback() {
  let expected: AuthorizationRequest | undefined;
  let take: (params: URLSearchParams) => void = doNothing;
  let fail: (error: OAuthError) => void = doNothing;
  const params = new Promise<URLSearchParams>((resolve, reject) => {
    take = resolve;
    fail = reject;
  });
  const accept: Accept = (arrived, { posted }) => {
    const state = arrived.get('state') ?? arrived.get('oauth_token') ?? arrived.get('denied');
    // Any process on this machine can call the URL; an unknown callback must not end the pending
    // login.
    if (!expected || !equalInConstantTime(state ?? '', expected.state)) return false;
    if (posted !== (expected.formPost === true)) return false;
    expected = undefined;
    take(arrived);
    return true;
  };
  return {
    params,
    accept,
    expect: (request: AuthorizationRequest): void => {
      expected = request;
    },
    giveUp: () =>
      fail(new OAuthError('expired_state', 'No callback arrived within 10 minutes. Try again.')),
  };
}

async function readPasted(
  lines: AsyncIterable<string> | undefined,
  waiting: { redirectUri: string; accept: Accept; print: Terminal['print'] },
): Promise<void> {
  for await (const line of lines ?? []) {
    const pasted = line.trim();
    if (pasted === '') continue;
    const ours = pasted.startsWith(`${waiting.redirectUri}?`) && URL.canParse(pasted);
    if (ours && waiting.accept(new URL(pasted).searchParams, { posted: false })) return;
    waiting.print(
      'That is not the callback URL of this login. Paste the whole URL, ' +
        `${waiting.redirectUri}?…`,
    );
  }
}

async function byDevice(client: FrameworkClient, { print }: Terminal): Promise<Token> {
  if (!hasDeviceFlow(client)) {
    throw new OAuthError(
      'invalid_options',
      'This provider uses OAuth 1.0a, which has no device flow. Remove --device.',
    );
  }
  return await client.grants.deviceToken(
    ({ user_code, verification_uri, verification_uri_complete: complete }) => {
      print(`On any device, open ${verification_uri}\nand enter the code ${user_code}`);
      if (complete !== undefined) print(`or open ${complete}`);
    },
    {},
    { signal: AbortSignal.timeout(patience) },
  );
}

function hasDeviceFlow(client: object): client is OAuth2Client {
  return 'grants' in client;
}
