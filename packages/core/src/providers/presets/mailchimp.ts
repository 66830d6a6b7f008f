import { mailchimp as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Mailchimp (OAuth 2). Tokens do not expire. The profile contains the API URL. */
export const mailchimp: OAuth2Preset = oauth2Preset({
  provider: 'mailchimp',
  displayName: 'Mailchimp',
  brandColor: '#ffe01b',
  mark,
  authorizeUrl: 'https://login.mailchimp.com/oauth2/authorize',
  accessTokenUrl: 'https://login.mailchimp.com/oauth2/token',
  userinfoEndpoint: 'https://login.mailchimp.com/oauth2/metadata',
  apiBaseUrl: '{token.userinfo.raw.api_endpoint}/3.0/',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenPlacement: { scheme: 'OAuth' },
  tokenResponse: { zeroIsNever: true },
  profile: {
    sub: '$.login.login_id | $.user_id',
    name: '$.login.login_name | $.accountname',
    preferred_username: '$.login.login_name',
    email: '$.login.login_email | $.login.email',
    picture: '$.login.avatar',
  },
});
