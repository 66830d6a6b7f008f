import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Calendly (OAuth 2). `sub` is the last part of the URI of the user. */
export const calendly: OAuth2Preset = oauth2Preset({
  provider: 'calendly',
  displayName: 'Calendly',
  brandColor: '#006bff',
  authorizeUrl: 'https://auth.calendly.com/oauth/authorize',
  accessTokenUrl: 'https://auth.calendly.com/oauth/token',
  userinfoEndpoint: 'https://api.calendly.com/users/me',
  revocationEndpoint: 'https://auth.calendly.com/oauth/revoke',
  introspectionEndpoint: 'https://auth.calendly.com/oauth/introspect',
  apiBaseUrl: 'https://api.calendly.com/',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: 'lastSegment:$.resource.uri',
    name: '$.resource.name',
    preferred_username: '$.resource.slug',
    email: '$.resource.email',
    picture: '$.resource.avatar_url',
    profile: '$.resource.scheduling_url',
    zoneinfo: '$.resource.timezone',
  },
});
