import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** MusicBrainz (OAuth 2). `sub` is the number of the user; the name can change. */
export const musicbrainz: OAuth2Preset = oauth2Preset({
  provider: 'musicbrainz',
  displayName: 'MusicBrainz',
  brandColor: '#ba478f',
  authorizeUrl: 'https://musicbrainz.org/oauth2/authorize',
  accessTokenUrl: 'https://musicbrainz.org/oauth2/token',
  userinfoEndpoint: 'https://musicbrainz.org/oauth2/userinfo',
  revocationEndpoint: 'https://musicbrainz.org/oauth2/revoke',
  apiBaseUrl: 'https://musicbrainz.org/ws/2/',
  scope: 'profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
  authorizeParams: {
    access_type: 'offline',
  },
  profile: {
    sub: '$.metabrainz_user_id | $.sub',
    name: '$.sub',
    preferred_username: '$.sub',
    email: '$.email',
    email_verified: '$.email_verified',
    profile: '$.profile',
    website: '$.website',
    gender: '$.gender',
    zoneinfo: '$.zoneinfo',
  },
});
