import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** SoundCloud (OAuth 2). There is no email. */
export const soundcloud: OAuth2Preset = oauth2Preset({
  provider: 'soundcloud',
  displayName: 'SoundCloud',
  brandColor: '#ff5500',
  authorizeUrl: 'https://secure.soundcloud.com/authorize',
  accessTokenUrl: 'https://secure.soundcloud.com/oauth/token',
  userinfoEndpoint: 'https://api.soundcloud.com/me',
  apiBaseUrl: 'https://api.soundcloud.com/',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenPlacement: {
    scheme: 'OAuth',
  },
  headers: {
    api: {
      accept: 'application/json; charset=utf-8',
    },
  },
  profile: {
    sub: '$.urn | $.id',
    name: '$.full_name | $.username',
    nickname: '$.username',
    preferred_username: '$.username',
    picture: '$.avatar_url',
    profile: '$.permalink_url',
    website: '$.website',
  },
});
