import { inspect } from 'node:util';
import type { OAuth, OAuthError } from '@oauth-registry/core';
import { textsOf } from '../support/canaries.js';
import { contentOf, listen, startTracing, type Heard } from '../client/events/watch.js';

/** What third parties may write into any field: markup, control characters, bidirectional overrides. */
export const poisons: Readonly<Record<string, unknown>> = {
  markup: '<script>kestrel()</script>',
  'attribute markup': '" onload="kestrel()',
  'a line break': 'kestrel\r\nset-cookie: kestrel=1',
  'C0 and C1 controls': 'kestrel\0\u0085\u009b31m\u007f',
  'a terminal escape': '\u001b]0;kestrel\u0007\u001b[2J',
  'a bidirectional override': '\u202ekestrel\u2066',
  'a URL with markup': 'https://kestrel.example/<script>kestrel()</script>',
  'a URL with a user': 'https://kestrel:kestrel@127.0.0.1/',
  'a script URL': 'javascript:kestrel()',
  words: 'kestrel',
  'a list': ['kestrel<script>'],
  'an object': { 'kestrel<script>': 'kestrel' },
};

/** A name that a member of an object may have. */
export const poisonedName = 'kestrel<script>\r\n\u001b[31m\u202e';

/** Every object that differs from an object in one field, nested ones included, with what was changed. */
export function poisoned(body: object, kinds: readonly string[] = Object.keys(poisons)): Variant[] {
  const fields = Object.entries(body).flatMap(([name, value]: [string, unknown]) => [
    ...kinds.map((kind): Variant => [`${name}: ${kind}`, withMember(body, name, poisons[kind])]),
    ...(typeof value === 'object' && value !== null
      ? poisoned(value, nestedKinds).map(([title, nested]): Variant => [
          `${name}.${title}`,
          withMember(body, name, nested),
        ])
      : []),
  ]);
  const named: Variant = ['a name', withMember(body, poisonedName, poisonedName)];
  return Array.isArray(body) ? fields : [...fields, named];
}

/** A changed object, and what was changed. */
export type Variant = [title: string, body: object];

const nestedKinds = ['markup', 'a terminal escape', 'an object'];

function withMember(body: object, name: string, value: unknown): object {
  return Array.isArray(body)
    ? (body as unknown[]).with(Number(name), value)
    : { ...body, [name]: value };
}

/** Watches what a process tells those who look, until `stop()`. */
export function watch() {
  const heard: Heard[] = [];
  const stop = listen(heard);
  const tracing = startTracing();
  const told: unknown[] = [];
  return {
    /** Listens to the events of a registry. */
    listenTo(oauth: Pick<OAuth, 'events'>): void {
      for (const name of ['token:update', 'grant:revoked', 'token:warning'] as const) {
        // The token in an update is what the event is about.
        oauth.events.on(name, (event) => told.push({ ...event, token: undefined }));
      }
      for (const name of ['login', 'login:failed', 'logout'] as const) {
        // Without the request, which is not enumerable.
        oauth.events.on(name, (event) => told.push({ ...event }));
      }
    },
    /** What was told since the last call. */
    texts: (): Record<string, string> => ({
      heard: everything(heard.splice(0)),
      told: everything(told.splice(0)),
      spans: everything(tracing.spans().splice(0).map(contentOf)),
    }),
    stop(): void {
      stop();
      tracing.stop();
    },
  };
}

function everything(value: unknown): string {
  return inspect(value, { depth: 12, showHidden: true, getters: true, maxArrayLength: null });
}

/** The texts of an error and of all that are behind it. */
export function textsOfAll(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { thrown: inspect(error) };
  return { ...textsOf(error), ...(error.cause ? { cause: everything(error.cause) } : {}) };
}

/** The places of texts in which a third party's text stands, as it is or encoded. */
export function placesOf(texts: Record<string, string>): string[] {
  return Object.entries(texts)
    .filter(([, text]) => /kestrel/i.test(text))
    .map(([place, text]) => `${place}: ${/.{0,80}kestrel.{0,40}/is.exec(text)?.[0]}`);
}

const unseen = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

/** The properties of an error, its provider's words by their documentation, that hold what they must not. */
export function unreadableWords(thrown: unknown): string[] {
  const { error, error_description: words, error_uri: uri } = (thrown ?? {}) as OAuthError;
  return [
    // RFC 6749 §5.2.
    /^[\x20-\x21\x23-\x5B\x5D-\x7E]*$/.test(error ?? '') ? '' : `error: ${error}`,
    unseen.test(words ?? '') ? `error_description: ${words}` : '',
    /^(?:https?:\/\/[!#$%&'()*+,./:;=?@[\]~\w-]+)?$/.test(uri ?? '') ? '' : `error_uri: ${uri}`,
  ].filter((found) => found !== '');
}
