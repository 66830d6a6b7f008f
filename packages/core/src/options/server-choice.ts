import { OAuthError } from '../model/errors.js';
import type { UrlVariable } from '../quirks/types.js';
import type { ServerRegisterOptions } from './chosen-server-types.js';
import type { ChosenServer } from '../model/types.js';
import { areAddresses, fillUrlVariables, isHost, readValue } from '../quirks/url-variables.js';

/** The part of a client's options that says what people choose. */
export interface ChoiceOptions extends ServerRegisterOptions {
  urlVariables?: Record<string, UrlVariable> | undefined;
  authorizeUrl?: string | undefined;
  serverMetadataUrl?: string | undefined;
  issuer?: unknown;
}

/** Something people are asked for with a login. */
export interface Question {
  /** The parameter that the answer comes in. */
  name: string;
  label: string;
  /** Taken where nothing is given. */
  preset?: string | undefined;
}

/** What people are asked for with each login at a client; nothing where its server is known. */
export function questionsOf(options: Readonly<ChoiceOptions>): Question[] {
  const { urlVariables = {}, serverLocator, authorizeUrl, serverMetadataUrl, issuer } = options;
  const told = authorizeUrl ?? serverMetadataUrl ?? issuer;
  const asked = Object.entries((told === undefined && serverLocator?.ask) || {});
  return [
    ...asked.map(([name, asks]) => ({
      name,
      ...(typeof asks === 'string' ? { label: asks } : asks),
    })),
    ...Object.entries(urlVariables).flatMap(([name, { ask: label, value, default: preset }]) =>
      label === undefined || value !== undefined ? [] : [{ name, label, preset }],
    ),
  ];
}

/** The options as they might be at some server, for checks that need whole addresses. */
export function supposed<O extends ChoiceOptions>(options: O): O {
  const names = questionsOf(options).filter(({ name }) => options.urlVariables?.[name]);
  return fillUrlVariables(
    options,
    names.map(({ name }) => [name, 'server.invalid'] as const),
  );
}

const longest = 2048;

/**
 * Reads what a person answered: every question, at a length somebody could have typed. Values of url
 * variables come in one form, whatever of their server a person gave: `@ada@social.example`,
 * `https://social.example/@ada` and `social.example` are one.
 *
 * @throws OAuthError `invalid_server` for an answer that is missing, or does not look like one
 */
export function readAnswers(
  options: Readonly<ChoiceOptions>,
  params: Readonly<Record<string, unknown>>,
  { insecure }: { insecure: boolean },
): ChosenServer {
  const answers = questionsOf(options).map(({ name, preset }) => {
    const { [name]: given } = params;
    const text = (typeof given === 'string' && given.trim()) || preset;
    if (text === undefined) throw noAnswer(name);
    const variable = options.urlVariables?.[name];
    const value =
      text.length > longest
        ? undefined
        : variable
          ? readValue(text, variable, { host: isHost(options, name), insecure })
          : text;
    // A port, for one, makes no address where the variable is in the middle of a host.
    const usable = value !== undefined && areAddresses(fillUrlVariables(options, [[name, value]]));
    if (!usable) throw badAnswer(name);
    return [name, value] as const;
  });
  return Object.fromEntries(answers);
}

/** Tells whether what is kept of a server is still what the client's url variables may be. */
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

/**
 * Refuses a server that the application does not let people log in at.
 *
 * @throws OAuthError `invalid_server`
 */
export async function checkAccepted(
  options: Readonly<ChoiceOptions>,
  server: ChosenServer,
): Promise<void> {
  const { servers } = options;
  // It waits with the login and stays in the token, and a page that a person named says what is in it.
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
    'People cannot log in at this server here. Choose one that this application accepts ("servers").',
  );
}

/** Tells whether an entry of `servers` names a server: as it is written, or as a URL of its host. */
function isNamed(entry: string, value = ''): boolean {
  const host = entry.replace(/^https:\/\//, '').replace(/\/$/, '');
  return [entry, host, entry.replace(/\/$/, '')].some(
    (one) => one === value || one === value.replace(/^http:\/\//, ''),
  );
}

function noVerdict(): OAuthError {
  return new OAuthError(
    'invalid_options',
    'The function "servers" returned nothing, so the server was not accepted; it must return true or false. Check ' +
      'that every path through it ends with "return".',
  );
}

function tooLong(): OAuthError {
  return new OAuthError(
    'invalid_server',
    `The server has an address of more than ${longest} characters, and cannot be used.`,
  );
}

function noAnswer(name: string): OAuthError {
  return new OAuthError(
    'invalid_server',
    `The login does not say at which server: "${name}" is missing. Ask the person, and pass it with the ` +
      'parameters of the login.',
  );
}

function badAnswer(name: string): OAuthError {
  return new OAuthError(
    'invalid_server',
    `What was given as "${name}" does not look like one. Ask the person again.`,
  );
}
