import { OAuthError } from '../model/errors.js';
import type { UrlVariable } from '../quirks/types.js';
import type { ServerLocator } from './server-locator.js';
import type { Awaitable, ChosenServer } from '../model/types.js';
import { areUrls, fillUrlVariables, readValue } from '../quirks/url-variables.js';
import { isHost } from '../platform/url-templates.js';

/** The client options that define what users choose. */
export interface ChoiceOptions {
  servers?: readonly string[] | ServerFilter | undefined;
  serverLocator?: ServerLocator | undefined;
  urlVariables?: Record<string, UrlVariable> | undefined;
  authorizeUrl?: string | undefined;
  serverMetadataUrl?: string | undefined;
  issuer?: unknown;
}

/** Returns whether users may log in at a server. */
export type ServerFilter = (server: ChosenServer) => Awaitable<boolean>;

/** A value that users enter to log in. */
export interface Question {
  /** The parameter that contains the value. */
  name: string;
  label: string;
  /** Default value. */
  preset?: string | undefined;
  /** A value that the field shows as an example. */
  example?: string | undefined;
}

/** Returns what users enter for each login at a client; empty if its server is fixed. */
export function questionsOf(options: Readonly<ChoiceOptions>): Question[] {
  const { urlVariables = {}, serverLocator, authorizeUrl, serverMetadataUrl, issuer } = options;
  if (options.urlVariables === undefined && serverLocator === undefined) return [];
  const configured = authorizeUrl ?? serverMetadataUrl ?? issuer;
  const asked = Object.entries((configured === undefined && serverLocator?.ask) || {});
  return [
    ...asked.map(([name, asks]) => ({
      name,
      ...(typeof asks === 'string' ? { label: asks } : asks),
    })),
    ...Object.entries(urlVariables).flatMap(
      ([name, { ask: label, value, default: preset, example }]) =>
        label === undefined || value !== undefined ? [] : [{ name, label, preset, example }],
    ),
  ];
}

/** Returns the options with sample values for the server, for checks that need complete URLs. */
export function supposed<O extends ChoiceOptions>(options: O): O {
  if (options.urlVariables === undefined) return options;
  const names = questionsOf(options).filter(({ name }) => options.urlVariables?.[name]);
  return fillUrlVariables(
    options,
    names.map(({ name }) => [name, 'server.invalid'] as const),
  );
}

const longest = 2048;

/**
 * Validates the user's input: all values, with a plausible length. Values of URL variables are
 * normalized: `@ada@social.example`, `https://social.example/@ada` and `social.example` are equal.
 *
 * @throws OAuthError `invalid_server` for a value that is missing or malformed
 */
export function readChoices(
  options: Readonly<ChoiceOptions>,
  params: Readonly<Record<string, unknown>>,
  { insecure }: { insecure: boolean },
): ChosenServer {
  const values = questionsOf(options).map(({ name, preset }) => {
    const { [name]: given } = params;
    const text = (typeof given === 'string' && given.trim()) || preset;
    if (text === undefined) throw missingChoice(name);
    const variable = options.urlVariables?.[name];
    const value =
      text.length > longest
        ? undefined
        : variable
          ? readValue(text, variable, { host: isHost(options, name), insecure })
          : text;
    // A value with a port, for example, makes no valid URL if the variable is in the middle of a
    // host.
    const usable = value !== undefined && areUrls(fillUrlVariables(options, [[name, value]]));
    if (!usable) throw invalidChoice(name);
    return [name, value] as const;
  });
  return Object.fromEntries(values);
}

/** Returns whether a stored server is still valid for the client's URL variables. */
export function isChosenServer(
  options: Readonly<ChoiceOptions>,
  server: unknown,
): server is ChosenServer {
  if (typeof server !== 'object' || server === null) return false;
  const members = Object.entries(server);
  if (members.length === 0 || members.some(([, value]) => typeof value !== 'string')) return false;
  return Object.entries(options.urlVariables ?? {}).every(([name, variable]) => {
    if (variable.ask === undefined || variable.value !== undefined) return true;
    const value = (server as ChosenServer)[name];
    const host = isHost(options, name);
    return value !== undefined && readValue(value, variable, { host, insecure: true }) === value;
  });
}

/** Returns whether two stored servers are the same. */
export function isSameServer(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/**
 * Rejects a server at which the application does not allow logins.
 *
 * @throws OAuthError `invalid_server`
 */
export async function checkAccepted(
  options: Readonly<ChoiceOptions>,
  server: ChosenServer,
): Promise<void> {
  const { servers } = options;
  // It is stored with the login and in the token, and comes from a page that a user names.
  if (Object.values(server).some((value) => value.length > longest)) throw tooLong();
  if (servers === undefined) return;
  if (typeof servers === 'function') {
    const accepted: unknown = await servers(server);
    if (accepted === true) return;
    if (accepted === undefined) throw noVerdict();
  } else {
    const [value] = Object.values(server);
    if (servers.some((one) => isNamed(one, value))) return;
  }
  throw new OAuthError(
    'invalid_server',
    'Login at this server is not allowed. Choose one that this application accepts ("servers").',
  );
}

/** Returns whether an entry of `servers` matches a server: literally, or as a URL of its host. */
function isNamed(entry: string, value = ''): boolean {
  const host = entry.replace(/^https:\/\//, '').replace(/\/$/, '');
  return [entry, host, entry.replace(/\/$/, '')].some(
    (one) => one === value || one === value.replace(/^http:\/\//, ''),
  );
}

function noVerdict(): OAuthError {
  return new OAuthError(
    'invalid_options',
    'The function "servers" returned undefined, so the server was rejected; it must return true or false. Check ' +
      'that every path through it ends with "return".',
  );
}

function tooLong(): OAuthError {
  return new OAuthError(
    'invalid_server',
    `The URL of the server has more than ${longest} characters. Choose another server.`,
  );
}

function missingChoice(name: string): OAuthError {
  return new OAuthError(
    'invalid_server',
    `The login does not name a server: "${name}" is missing. Ask the user for it, and pass it with the ` +
      'parameters of the login.',
  );
}

function invalidChoice(name: string): OAuthError {
  return new OAuthError(
    'invalid_server',
    `The value of "${name}" is malformed. Ask the user again.`,
  );
}
