import { entries } from './entries.js';
import { form, json, type ProviderResponse } from './response.js';

/** The members of an ordinary token response. */
export type TokenBody = Record<string, unknown>;

const errorFields = {
  error: 'bad_verification_code',
  error_description: 'The code passed is incorrect or expired.',
  error_uri: 'https://provider.example/docs#bad-verification-code',
};

/** How a token response can differ from RFC 6749 §5.1; each entry changes the correct one. */
export const tokenQuirks = entries<(body: TokenBody) => ProviderResponse>()({
  /** The response is form-encoded, like GitHub's without an `Accept` header. */
  form: (body) => form(textFields(body)),
  /** The response is form-encoded, with the type `text/plain`. */
  'form-as-text': (body) => ({
    headers: { 'content-type': 'text/plain' },
    body: new URLSearchParams(textFields(body)).toString(),
  }),
  /** JSON labelled `text/plain`. */
  'json-as-text': (body) => ({
    headers: { 'content-type': 'text/plain' },
    body: JSON.stringify(body),
  }),
  /** Status 200 with an error in JSON (GitHub, Slack). */
  'error-200': () => json(errorFields),
  /** Status 200 with an error, form-encoded. */
  'error-200-form': () => form(errorFields),
  /** Status 400 with an ordinary error. */
  'error-400': () => json({ ...errorFields, error: 'invalid_grant' }, 400),
  /** Status 401 `invalid_client` with a `WWW-Authenticate` header. */
  'error-401': () => ({
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="token"' },
    body: { error: 'invalid_client', error_description: 'Unknown client.' },
  }),
  /** Status 400 with an object as `error` (Facebook). */
  'error-object': () =>
    json(
      { error: { message: 'Invalid verification code', type: 'OAuthException', code: 100 } },
      400,
    ),
  /** Status 201. */
  'status-201': (body) => json(body, 201),
  /** No `token_type` (LinkedIn, WeChat). */
  'no-token-type': (body) => json(without(body, 'token_type')),
  /** `token_type: null`. */
  'null-token-type': (body) => json({ ...body, token_type: null }),
  /** `token_type: "user"` (Slack). */
  'odd-token-type': (body) => json({ ...body, token_type: 'user' }),
  /** `token_type: "bEARER"`, which is the same as Bearer (RFC 6749 §5.1). */
  'mixed-case-token-type': (body) => json({ ...body, token_type: 'bEARER' }),
  /** `token_type: "mac"`: a scheme the client does not speak. */
  'mac-token-type': (body) => json({ ...body, token_type: 'mac' }),
  /** `scope` as an array (Twitch). */
  'scope-array': (body) => json({ ...body, scope: String(body['scope'] ?? '').split(' ') }),
  /** `scope: null`. */
  'scope-null': (body) => json({ ...body, scope: null }),
  /** No `scope`. */
  'scope-absent': (body) => json(without(body, 'scope')),
  /** Less scope than requested. */
  'scope-narrower': (body) => json({ ...body, scope: 'openid' }),
  /** `refresh_token: null`. */
  'null-refresh-token': (body) => json({ ...body, refresh_token: null }),
  /** `refresh_token: ""`. */
  'empty-refresh-token': (body) => json({ ...body, refresh_token: '' }),
  /** No `refresh_token`. */
  'no-refresh-token': (body) => json(without(body, 'refresh_token')),
  /** `id_token: null`. */
  'null-id-token': (body) => json({ ...body, id_token: null }),
  /** No `id_token`. */
  'no-id-token': (body) => json(without(body, 'id_token')),
  /** No `expires_in`. */
  'no-expires-in': (body) => json(without(body, 'expires_in')),
  /** `expires_in: "3600"`. */
  'expires-in-string': (body) => json({ ...body, expires_in: '3600' }),
  /** `expires_in: null`. */
  'expires-in-null': (body) => json({ ...body, expires_in: null }),
  /** `expires_in: -1`. */
  'expires-in-negative': (body) => json({ ...body, expires_in: -1 }),
  /** `expires_in: 0`. */
  'expires-in-zero': (body) => json({ ...body, expires_in: 0 }),
  /** `expires_in: ""`. */
  'expires-in-empty': (body) => json({ ...body, expires_in: '' }),
  /** `expires_in: "3600abc"`. */
  'expires-in-garbage': (body) => json({ ...body, expires_in: '3600abc' }),
  /** `expires_in: 1e400`, which JSON reads as Infinity. */
  'expires-in-infinite': (body) => raw(body, '"expires_in":1e400'),
  /** The token is inside `authed_user` (Slack). */
  'nested-authed-user': (body) => json({ ok: true, authed_user: body }),
  /** The token is inside `body` (Withings). */
  'nested-body': (body) => json({ status: 0, body }),
  /** Own keys `__proto__` and `constructor`. */
  'proto-keys': (body) =>
    raw(body, '"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}'),
  /** No `access_token`. */
  'no-access-token': (body) => json(without(body, 'access_token')),
  /** `access_token: ""`. */
  'empty-access-token': (body) => json({ ...body, access_token: '' }),
  /** `access_token` is a number. */
  'numeric-access-token': (body) => json({ ...body, access_token: 12345 }),
  /** A line break in the access token. */
  'crlf-token': (body) => json({ ...body, access_token: 'SECRET-TOKEN\r\nX-Injected: 1' }),
  /** A character in the access token that no HTTP header can carry. */
  'unicode-token': (body) => json({ ...body, access_token: 'SECRET-TOKEN-日本' }),
  /** A member that no specification knows. */
  'extra-fields': (body) => json({ ...body, team: { id: 'T1' }, open_id: 'o-1' }),
});

/** The name of a deviation of the token response. */
export type TokenQuirk = keyof typeof tokenQuirks;

function without(body: TokenBody, name: string): TokenBody {
  return Object.fromEntries(Object.entries(body).filter(([key]) => key !== name));
}

/** Adds members as raw JSON text, for what `JSON.stringify` cannot write. */
function raw(body: TokenBody, members: string): ProviderResponse {
  const text = `${JSON.stringify(body).slice(0, -1)},${members}}`;
  return { headers: { 'content-type': 'application/json' }, body: text };
}

function textFields(body: TokenBody): Record<string, string> {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, String(value)]));
}
