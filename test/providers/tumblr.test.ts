import { describe, expect, it } from 'vitest';
import { isSigned, oauthOf } from '../support/signature.js';
import { startPreset } from '../support/apps/preset.js';
import { form, json, type Routes } from '../support/wire.js';

const request = 'POST https://www.tumblr.com/oauth/request_token';
const access = 'POST https://www.tumblr.com/oauth/access_token';
const info = 'GET https://api.tumblr.com/v2/user/info';

const routes: Routes = {
  [request]: form('oauth_token=rt1&oauth_token_secret=rs1&oauth_callback_confirmed=true'),
  [access]: form('oauth_token=at1&oauth_token_secret=as1'),
  [info]: json({
    meta: { status: 200, msg: 'OK' },
    response: {
      user: {
        name: 'derekg',
        likes: 606,
        following: 263,
        default_post_format: 'html',
        blogs: [
          {
            name: 'ihatehipstrz',
            title: 'Hipsters',
            url: 'https://ihatehipstrz.tumblr.com/',
            primary: false,
          },
          {
            name: 'derekg',
            title: 'Derek Gottfrid',
            url: 'https://derekg.org/',
            primary: true,
            avatar: [
              { width: 512, height: 512, url: 'https://64.media.tumblr.com/avatar_512.png' },
            ],
          },
        ],
      },
    },
  }),
};

const back = { oauth_token: 'rt1', oauth_verifier: 'v1' };

describe('Tumblr', () => {
  it('[X5][A5] logs in by POST, with the user of the primary blog', async () => {
    const tumblr = await startPreset('tumblr', routes);
    const { userinfo } = await tumblr.login(back);
    expect(userinfo).toMatchObject({
      sub: 'derekg',
      name: 'Derek Gottfrid',
      nickname: 'derekg',
      picture: 'https://64.media.tumblr.com/avatar_512.png',
      profile: 'https://derekg.org/',
      email_verified: false,
    });
    expect(isSigned(tumblr.wire.last(request))).toBe(true);
    expect(isSigned(tumblr.wire.last(access), 'rs1')).toBe(true);
    expect(oauthOf(tumblr.wire.last(access))).toMatchObject({ oauth_verifier: 'v1' });
    expect(isSigned(tumblr.wire.last(info), 'as1')).toBe(true);
  });

  it('[D4] takes a callback without a verifier for a no', async () => {
    const tumblr = await startPreset('tumblr', routes);
    const error = await tumblr.refusal({ oauth_token: 'rt1' });
    expect(error).toMatchObject({ code: 'access_denied' });
    expect(tumblr.wire.count(access)).toBe(0);
  });

  it('[R6] passes on that the profile is refused', async () => {
    const refusal = {
      meta: { status: 401, msg: 'Unauthorized' },
      response: [],
      errors: [{ title: 'Unauthorized', code: 1016, detail: 'Unable to authorize' }],
    };
    const tumblr = await startPreset('tumblr', { ...routes, [info]: json(refusal, 401) });
    expect(await tumblr.refusal(back)).toMatchObject({ providerStatus: 401, phase: 'userinfo' });
  });

  it('[F2] lets users in who have no primary blog', async () => {
    const bare = json({ meta: {}, response: { user: { name: 'new', blogs: [] } } });
    const tumblr = await startPreset('tumblr', { ...routes, [info]: bare });
    const { userinfo } = await tumblr.login(back);
    expect(userinfo).toMatchObject({ sub: 'new', nickname: 'new' });
    expect(userinfo).not.toHaveProperty('picture');
  });
});
