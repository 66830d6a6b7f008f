import { describe, expect, it } from 'vitest';
import { isSigned, oauthOf } from '../support/signature.js';
import { startPreset } from '../support/apps/preset.js';
import { form, json, type Routes } from '../support/wire.js';

const oauth = 'https://www.flickr.com/services/oauth';
const request = `GET ${oauth}/request_token`;
const access = `GET ${oauth}/access_token`;
const rest = 'GET https://api.flickr.com/services/rest';

const routes: Routes = {
  [request]: form(
    'oauth_callback_confirmed=true&oauth_token=72157626737672178-022bbd2f4c2f3432&oauth_token_secret=fccb68c4e6103197',
  ),
  [access]: form(
    'fullname=Jamal%20Fanaian&oauth_token=72157626318069415-087bfc7b5816092c&oauth_token_secret=a202d1f853ec69de&user_nsid=21207597%40N07&username=jamalfanaian',
  ),
  [rest]: json(
    '{"person":{"id":"21207597@N07","nsid":"21207597@N07","ispro":0,"iconserver":"122","iconfarm":1,' +
      '"path_alias":"jamalfanaian","username":{"_content":"jamalfanaian"},"realname":{"_content":""},' +
      '"photosurl":{"_content":"https:\\/\\/www.flickr.com\\/photos\\/jamalfanaian\\/"},' +
      '"profileurl":{"_content":"https:\\/\\/www.flickr.com\\/people\\/jamalfanaian\\/"}},"stat":"ok"}',
  ),
};

const back = {
  oauth_token: '72157626737672178-022bbd2f4c2f3432',
  oauth_verifier: '5d1b96a26b494074',
};

describe('Flickr', () => {
  it('[X5][A5] signs every step as a GET, and asks for permissions on its own page', async () => {
    const flickr = await startPreset('flickr', routes);
    const asked = await flickr.begin();
    expect(asked.origin + asked.pathname).toBe(`${oauth}/authorize`);
    expect(Object.fromEntries(asked.searchParams)).toEqual({
      oauth_token: back.oauth_token,
      perms: 'read',
    });
    expect((await flickr.come(back)).status).toBe(200);
    const [first, second, third] = flickr.wire.requests;
    expect(first && [isSigned(first), oauthOf(first)['oauth_callback']]).toEqual([
      true,
      flickr.callback,
    ]);
    expect(second && isSigned(second, 'fccb68c4e6103197')).toBe(true);
    expect(second && oauthOf(second)['oauth_verifier']).toBe(back.oauth_verifier);
    expect(third && isSigned(third, 'a202d1f853ec69de')).toBe(true);
    expect(third && Object.fromEntries(third.url.searchParams)).toEqual({
      method: 'flickr.people.getInfo',
      user_id: '21207597@N07',
      format: 'json',
      nojsoncallback: '1',
    });
  });

  it('[M3] reads a profile of wrapped values, and takes from the token what it lacks', async () => {
    const flickr = await startPreset('flickr', routes);
    expect((await flickr.login(back)).userinfo).toMatchObject({
      sub: '21207597@N07',
      name: 'Jamal Fanaian',
      nickname: 'jamalfanaian',
      preferred_username: 'jamalfanaian',
      email_verified: false,
      picture: 'https://farm1.staticflickr.com/122/buddyicons/21207597@N07.jpg',
      profile: 'https://www.flickr.com/people/jamalfanaian/',
    });
    const person = { nsid: '1@N07', iconserver: '0', iconfarm: 0 };
    flickr.wire.routes[rest] = json({ person, stat: 'ok' });
    expect((await flickr.login(back)).userinfo).not.toHaveProperty('picture');
  });

  it('[R6] reports an error for a profile with status 200', async () => {
    const fail = { stat: 'fail', code: 98, message: 'Invalid auth token' };
    const flickr = await startPreset('flickr', { ...routes, [rest]: json(fail) });
    expect(await flickr.refusal(back)).toMatchObject({
      code: 'provider_refused',
      phase: 'userinfo',
      error: '98',
      error_description: 'Invalid auth token',
    });
  });

  it('[R6] reports problems of its token endpoints (OAuth Problem Reporting)', async () => {
    const problem = 'oauth_problem=signature_invalid&debug_sbs=GET%26https%253A%252F%252Fwww';
    const flickr = await startPreset('flickr', { ...routes, [access]: form(problem, 401) });
    expect(await flickr.refusal(back)).toMatchObject({
      providerStatus: 401,
      error: 'signature_invalid',
    });
    flickr.wire.routes[access] = form('oauth_problem=verifier_invalid', 401);
    expect(await flickr.refusal(back)).toMatchObject({ error: 'verifier_invalid' });
    flickr.wire.routes[request] = form('oauth_problem=consumer_key_unknown', 401);
    await expect(flickr.begin()).rejects.toThrow('Nobody was sent to flickr');
    expect(flickr.app.errors.at(-1)).toMatchObject({ error: 'consumer_key_unknown' });
  });
});
