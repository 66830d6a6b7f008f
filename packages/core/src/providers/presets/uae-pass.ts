import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** UAE PASS (OAuth 2), the digital identity of the United Arab Emirates. */
export const uae_pass: OAuth2Preset<'host'> = oauth2Preset({
  provider: 'uae_pass',
  displayName: 'UAE PASS',
  brandColor: '#00a54f',
  urlVariables: {
    host: {
      default: 'id.uaepass.ae',
    },
  },
  authorizeUrl: 'https://{host}/idshub/authorize',
  accessTokenUrl: 'https://{host}/idshub/token',
  userinfoEndpoint: 'https://{host}/idshub/userinfo',
  scope: 'urn:uae:digitalid:profile:general',
  authorizeParams: {
    acr_values: 'urn:safelayer:tws:policies:authentication:level:low',
  },
  tokenEndpointAuthMethod: 'client_secret_basic',
  profile: {
    sub: '$.uuid | $.sub',
    name: '$.fullnameEN | concat:$.firstnameEN $.lastnameEN',
    given_name: '$.firstnameEN',
    family_name: '$.lastnameEN',
    email: '$.email',
    gender: '$.gender',
    phone_number: '$.mobile',
  },
});
