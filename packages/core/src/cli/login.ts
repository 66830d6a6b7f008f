import { withoutUndefined } from '../platform/encoding.js';
import { insideOf, type FrameworkClient } from '../client/client.js';
import { equalInConstantTime } from '../platform/crypto.js';
import { OAuthError } from '../model/errors.js';
import { OAuth, type OAuth2Client } from '../index.js';
import type { RegisterOptions } from '../options/register-options.js';
import { byName } from '../providers/by-name.js';
import type { AuthorizationRequest, Token } from '../model/types.js';
import { openLoopback, type Accept } from './loopback.js';
import type { Terminal } from './output.js';
import { defaultTokenFile, keepToken } from './token-file.js';

/** What `oauth-registry login` is told. */
export interface LoginCommand {
  /** An issuer's address, or the name of a preset. */
  target: string;
  clientId?: string | undefined;
  clientSecret?: string | undefined;
  scope?: string | undefined;
  /** Further options of text, such as the parts of a preset's addresses: `domain=my.auth0.example`. */
  set?: readonly string[] | undefined;
  /** Logs in on another device (RFC 8628). */
  device: boolean;
  /** Where to listen on 127.0.0.1; 0 is any free port. */
  port: number;
  /** Where the token is kept. */
  out?: string | undefined;
}

/** Milliseconds a person has. */
const patience = 600_000;

const posting = '\nThe provider posts its answer there, so the browser must be on this machine.';

const nothing = (): void => undefined;

/** Logs a person in, shows who it is, and keeps the token; the token itself is never shown. */
export async function login(command: LoginCommand, terminal: Terminal): Promise<void> {
  const client = makeClient(command, terminal);
  const token = command.device
    ? await byDevice(client, terminal)
    : await byBrowser(client, command.port, terminal);
  const claims = await insideOf(client).userOf(token);
  const file = command.out ?? defaultTokenFile(fileName(command.target), terminal.env);
  const kept = await keepToken(token, file);
  terminal.print(
    claims
      ? JSON.stringify(claims, undefined, 2)
      : 'Logged in. The provider says nothing about who it is.',
  );
  terminal.print(`The token is kept in ${kept}, for your eyes only.`);
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

/** Sends the person to the provider and waits at a redirect URI on this machine, or for a paste. */
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
    print(`Open this address in a browser:\n\n  ${request.url}\n`);
    print(
      `The browser comes back to ${loopback.redirectUri}, which the provider must know as a redirect URI ` +
        `(RFC 8252 §7.3).${request.formPost ? posting : '\nIs it on another machine? Then paste the address here at which it ends.'}`,
    );
    void readPasted(lines, { ...loopback, accept: callback.accept, print });
    return await client.fetchAccessToken(await callback.params, request);
  } finally {
    clearTimeout(late);
    loopback.close();
  }
}

/** The callback of one login: taken once, and only if it is of this login. */
function waitForCallback() {
  let expected: AuthorizationRequest | undefined;
  let take: (params: URLSearchParams) => void = nothing;
  let fail: (error: OAuthError) => void = nothing;
  const params = new Promise<URLSearchParams>((resolve, reject) => {
    take = resolve;
    fail = reject;
  });
  const accept: Accept = (arrived, { posted }) => {
    const state = arrived.get('state') ?? arrived.get('oauth_token') ?? arrived.get('denied');
    // Anything on this machine can call here: what is not ours must not end the login that waits.
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
      fail(new OAuthError('expired_state', 'Nobody came back within 10 minutes. Try again.')),
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
      `That is not where this login ends: paste the whole address, ${waiting.redirectUri}?…`,
    );
  }
}

async function byDevice(client: FrameworkClient, { print }: Terminal): Promise<Token> {
  if (!hasDeviceFlow(client)) {
    throw new OAuthError(
      'invalid_options',
      'This provider speaks OAuth 1.0a, which has no device flow. Leave out --device.',
    );
  }
  return await client.deviceToken(
    ({ user_code, verification_uri, verification_uri_complete: complete }) => {
      print(`On any device, open ${verification_uri}\nand enter the code ${user_code}`);
      if (complete !== undefined) print(`or open ${complete}`);
    },
    {},
    { signal: AbortSignal.timeout(patience) },
  );
}

function hasDeviceFlow(client: object): client is OAuth2Client {
  return 'deviceToken' in client;
}
