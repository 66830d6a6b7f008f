import type { FrameworkClient } from '@oauth-registry/core/adapter';
import { profileOf } from '@oauth-registry/core/inspect';
import type { AuthorizationRequest, OAuth2Client, Token } from '@oauth-registry/core/types';
import { makeClient, type ClientArguments } from './client.js';
import { isSame, openLoopback, type Accept } from './loopback.js';
import { during, UsageError, type Terminal } from './output.js';
import { defaultTokenFile, storeToken } from './token-file.js';

/** Arguments of `oauth-registry login`. */
export interface LoginArguments extends ClientArguments {
  /** Logs in with the device flow (RFC 8628). */
  device: boolean;
  /** Port to listen on at 127.0.0.1; 0 selects a free one. */
  port: number;
  /** Path of the token file. */
  out?: string | undefined;
}

/** Maximum time for the login, in milliseconds. */
const patience = 600_000;

/** Logs the user in, prints the profile, and stores the token. The token is never printed. */
export async function login(given: LoginArguments, terminal: Terminal): Promise<void> {
  const client = makeClient(given, terminal);
  const token = given.device
    ? await byDevice(client, terminal)
    : await byBrowser(client, given.port, terminal);
  const claims = await during('Reading the profile', terminal, () => profileOf(client, token));
  const { target, clientId, scope, set } = given;
  const options = Object.fromEntries(
    Object.entries({ ...set, clientId, scope }).filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
  const content = { target, options, token: token as Record<string, unknown> };
  const path = await storeToken(content, given.out ?? defaultTokenFile(target, terminal.env));
  const { raw: _, ...profile } = claims ?? {};
  terminal.result(JSON.stringify(terminal.json ? { profile, file: path } : profile, undefined, 2));
  terminal.say(
    `${terminal.colors.green('Logged in.')} The token is stored in ${path}, readable only by you.`,
  );
}

/** Opens a login in the browser and waits for the callback: at a loopback redirect URI, or as a pasted URL. */
async function byBrowser(
  client: FrameworkClient,
  port: number,
  terminal: Terminal,
): Promise<Token> {
  const callback = waitForCallback();
  const loopback = await openLoopback(port, callback.accept);
  const late = setTimeout(() => callback.giveUp(), patience);
  try {
    const request = await during('Preparing the login', terminal, () =>
      client.createAuthorizationUrl(loopback.redirectUri),
    );
    callback.expect(request);
    terminal.say(`Open this URL in a browser:\n\n  ${request.url}\n`);
    terminal.say(
      `The provider redirects the browser to ${loopback.redirectUri}, which must be registered there as a redirect URI ` +
        `(RFC 8252 §7.3).${
          request.formPost
            ? '\nIt sends a form_post response, so the browser must be on this machine.'
            : '\nIf the browser is on another machine, paste the URL of the last page here.'
        }`,
    );
    await terminal.open?.(request.url).catch(() => undefined);
    void readPasted(loopback.redirectUri, callback.accept, terminal);
    const params = await during('Waiting for the callback', terminal, () => callback.params);
    return await during('Requesting the token', terminal, () =>
      client.fetchAccessToken(params, request),
    );
  } finally {
    clearTimeout(late);
    loopback.close();
  }
}

const doNothing = (): void => undefined;

/** Waits for the callback of one login. Other callbacks are ignored. */
function waitForCallback() {
  let expected: AuthorizationRequest | undefined;
  let resolve: (value: URLSearchParams) => void = doNothing;
  let reject: (error: Error) => void = doNothing;
  const params = new Promise<URLSearchParams>((taken, failed) => {
    resolve = taken;
    reject = failed;
  });
  const accept: Accept = (arrived, { posted }) => {
    const state = arrived.get('state') ?? arrived.get('oauth_token') ?? arrived.get('denied');
    // Any process on this machine can call the URL; an unknown callback must not end the pending login.
    if (!expected || !isSame(state ?? '', expected.state)) return false;
    if (posted !== (expected.formPost === true)) return false;
    expected = undefined;
    resolve(arrived);
    return true;
  };
  return {
    params,
    accept,
    expect: (request: AuthorizationRequest): void => void (expected = request),
    giveUp: () => reject(new Error('No callback arrived within 10 minutes. Try again.')),
  };
}

async function readPasted(
  redirectUri: string,
  accept: Accept,
  { lines, say }: Terminal,
): Promise<void> {
  for await (const line of lines ?? []) {
    const pasted = line.trim();
    if (pasted === '') continue;
    const isOurs = pasted.startsWith(`${redirectUri}?`) && URL.canParse(pasted);
    if (isOurs && accept(new URL(pasted).searchParams, { posted: false })) return;
    say(`That is not the callback URL of this login. Paste the whole URL, ${redirectUri}?…`);
  }
}

async function byDevice(client: FrameworkClient, terminal: Terminal): Promise<Token> {
  if (!('grants' in client)) {
    throw new UsageError(
      'This provider uses OAuth 1.0a, which has no device flow. Remove --device.',
    );
  }
  const { say, wait } = terminal;
  let stop = wait?.('Requesting a code');
  try {
    return await (client as unknown as OAuth2Client).grants.deviceToken(
      ({ user_code: code, verification_uri: url, verification_uri_complete: complete }) => {
        stop?.();
        say(`On any device, open ${url}\nand enter the code ${code}`);
        if (complete !== undefined) say(`or open ${complete}`);
        stop = wait?.('Waiting for the login');
      },
      {},
      { signal: AbortSignal.timeout(patience) },
    );
  } finally {
    stop?.();
  }
}
