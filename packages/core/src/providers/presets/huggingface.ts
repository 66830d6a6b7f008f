import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Hugging Face (OpenID Connect). */
export const huggingface: OAuth2Preset = oauth2Preset({
  provider: 'huggingface',
  displayName: 'Hugging Face',
  brandColor: '#ffd21e',
  issuer: 'https://huggingface.co',
  serverMetadataUrl: 'https://huggingface.co/.well-known/openid-configuration',
  authorizeUrl: 'https://huggingface.co/oauth/authorize',
  accessTokenUrl: 'https://huggingface.co/oauth/token',
  userinfoEndpoint: 'https://huggingface.co/oauth/userinfo',
  apiBaseUrl: 'https://huggingface.co/api/',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: standardClaims,
});
