import { OAuth, type OAuth2Token } from '@oauth-registry/core';
import { describe, expect, it } from 'vitest';
import { json, startWire, type WireAnswer } from '../support/wire.js';
import { described } from '../support/preset-login.js';

const plain = (body: string, status: number): WireAnswer => ({ status, type: 'text/plain', body });

const dead = { code: 'invalid_token' };
const refused = { code: 'provider_refused' };
const narrow = { code: 'insufficient_scope' };

/** What APIs answer to the request for a profile, in words of their own, and what that means. */
const refusals: [name: string, answer: WireAnswer, meaning: object][] = [
  [
    'github',
    json({ message: 'API rate limit exceeded', documentation_url: 'https://x.example' }, 403),
    { ...refused, error_description: 'API rate limit exceeded' },
  ],
  [
    'github',
    json({ message: 'Bad credentials' }, 401),
    { ...dead, error_description: 'Bad credentials' },
  ],
  [
    'kakao',
    json({ msg: 'insufficient scopes.', code: -402 }, 403),
    { ...refused, error: '-402', error_description: 'insufficient scopes.' },
  ],
  ['discord', json({ message: '401: Unauthorized', code: 0 }, 401), { ...dead, error: undefined }],
  [
    'linkedin',
    json({ serviceErrorCode: 65_600, code: 'INVALID_ACCESS_TOKEN', message: 'Invalid' }, 401),
    { ...dead, error: 'INVALID_ACCESS_TOKEN', error_description: 'Invalid' },
  ],
  [
    'spotify',
    plain('User not registered in the Developer Dashboard\n', 403),
    { ...refused, error_description: 'User not registered in the Developer Dashboard' },
  ],
  ['spotify', json({ error: { status: 401, message: 'The access token expired' } }, 401), dead],
  [
    'twitter_v2',
    json(
      { title: 'Client Forbidden', detail: 'Attach it to a Project.', type: 'about:blank' },
      403,
    ),
    { ...refused, error_description: 'Attach it to a Project.' },
  ],
  ['tumblr_oauth2', json({ meta: { status: 401, msg: 'Unauthorized' } }, 401), dead],
  [
    'shopify',
    json({ errors: '[API] Invalid API key or access token' }, 401),
    { ...dead, error_description: '[API] Invalid API key or access token' },
  ],
  [
    'shopify',
    json({ errors: [{ message: 'Access denied', extensions: { code: 'ACCESS_DENIED' } }] }),
    { ...refused, error: 'ACCESS_DENIED', error_description: 'Access denied' },
  ],
  [
    'meetup',
    json({ errors: [{ message: 'Not authenticated' }], data: null }),
    { ...refused, error_description: 'Not authenticated' },
  ],
  [
    'linear',
    json({ errors: [{ message: 'No', extensions: { code: 'AUTHENTICATION_ERROR' } }] }, 401),
    { ...dead, error: 'AUTHENTICATION_ERROR', error_description: 'No' },
  ],
  ['slack_app', json({ ok: false, error: 'token_revoked' }), { ...dead, error: 'token_revoked' }],
  ['slack_app', json({ ok: false, error: 'missing_scope' }), { ...narrow, error: 'missing_scope' }],
  [
    'stackexchange',
    json({ error_id: 403, error_name: 'access_denied', error_message: 'not valid' }, 400),
    { ...dead, error: 'access_denied', error_description: 'not valid' },
  ],
  ['zoom', json({ code: 4711, message: 'no scopes' }, 400), { ...refused, error: '4711' }],
  [
    'twitter',
    json({ errors: [{ code: 32, message: 'Could not authenticate you.' }] }, 401),
    {
      error_description: 'Could not authenticate you.',
    },
  ],
  [
    'github',
    { status: 403, type: 'text/html', body: '<h1>Forbidden</h1>' },
    { error_description: undefined },
  ],
];

/** Asks for the profile of a token's owner, which is answered so. */
async function errorResponseOf(name: string, answer: WireAnswer): Promise<Error> {
  const options = described(name);
  const values = Object.entries(options.urlVariables ?? {});
  const url = values.reduce(
    (text, [variable, { value, default: preset = '' }]) =>
      text.replace(`{${variable}}`, value ?? preset),
    options.userinfoEndpoint ?? '',
  );
  const wire = await startWire({ [`GET ${url}`]: answer, [`POST ${url}`]: answer });
  const oauth = new OAuth({ config: {}, fetch: wire.fetch }).register('it', options);
  const token = options.requestTokenUrl
    ? { oauth_token: 'at', oauth_token_secret: 'ats' }
    : { access_token: 'at', token_type: 'Bearer' };
  try {
    return (await oauth
      .createClient('it')
      .userinfo({ token: token as OAuth2Token })
      .catch((error: unknown) => error)) as Error;
  } finally {
    await wire.close();
  }
}

describe('what APIs say in words of their own, asked for a profile', () => {
  it.each(refusals)('[M3][X5] of %s, %j', async (name, answer, meaning) => {
    expect(await errorResponseOf(name, answer)).toMatchObject(meaning);
  });

  it('[F2] say where their reason is, and what to do', async () => {
    const { message } = await errorResponseOf('github', json({ message: 'Bad credentials' }, 401));
    expect(message).toMatch(/expired or been revoked: log in again\. See error\.error/);
    const page = { status: 404, type: 'text/html', body: '<h1>Not found</h1>' };
    expect((await errorResponseOf('github', page)).message).toMatch(
      /HTTP 404\)\. The response has no readable reason. Check the configured URL/,
    );
  });
});
