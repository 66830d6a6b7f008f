import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Eventbrite (OAuth 2). There are no scopes, and tokens do not expire. */
export const eventbrite: OAuth2Preset = oauth2Preset({
  provider: 'eventbrite',
  displayName: 'Eventbrite',
  brandColor: '#f05537',
  authorizeUrl: 'https://www.eventbrite.com/oauth/authorize',
  accessTokenUrl: 'https://www.eventbrite.com/oauth/token',
  userinfoEndpoint: 'https://www.eventbriteapi.com/v3/users/me/',
  apiBaseUrl: 'https://www.eventbriteapi.com/v3/',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.id',
    name: '$.name',
    given_name: '$.first_name',
    family_name: '$.last_name',
    email: '$.emails[?primary].email',
    email_verified: '$.emails[?primary].verified',
    picture:
      'template:https://img.evbuc.com/https%3A%2F%2Fcdn.evbuc.com%2Fimages%2F{image_id}%2F1%2Foriginal.jpg',
  },
});
