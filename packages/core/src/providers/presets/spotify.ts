import { spotify as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Spotify (OAuth 2). The email is never verified. Applications in development get none. */
export const spotify: OAuth2Preset = oauth2Preset({
  provider: 'spotify',
  displayName: 'Spotify',
  brandColor: '#1ed760',
  mark,
  authorizeUrl: 'https://accounts.spotify.com/authorize',
  accessTokenUrl: 'https://accounts.spotify.com/api/token',
  userinfoEndpoint: 'https://api.spotify.com/v1/me',
  apiBaseUrl: 'https://api.spotify.com/v1/',
  scope: 'user-read-email user-read-private',
  tokenEndpointAuthMethod: 'client_secret_basic',
  profile: {
    sub: '$.id',
    name: '$.display_name',
    preferred_username: '$.id',
    email: '$.email',
    picture: '$.images[0].url',
    profile: '$.external_urls.spotify',
  },
});
