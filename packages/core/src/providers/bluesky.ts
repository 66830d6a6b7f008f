import { bluesky as mark } from './marks.js';
import { oauth2Preset, type OAuth2Preset } from './preset.js';

/**
 * Bluesky (OAuth 2). `server` is the authorization server of the person's account; `clientId` is the
 * address of your client metadata document. Handles change: people are known by their DID.
 */
export const bluesky: OAuth2Preset<'server'> = oauth2Preset({
  provider: 'bluesky',
  displayName: 'Bluesky',
  brandColor: '#1185fe',
  mark,
  urlVariables: { server: { default: 'bsky.social' } },
  issuer: 'https://{server}',
  serverMetadataUrl: 'https://{server}/.well-known/oauth-authorization-server',
  userinfoEndpoint: 'https://public.api.bsky.app/xrpc/app.bsky.actor.getProfile?actor={token.sub}',
  apiBaseUrl: 'https://{server}/xrpc/',
  scope: 'atproto transition:generic',
  tokenEndpointAuthMethod: 'none',
  dpop: true,
  requirePushedAuthorizationRequests: true,
  profile: {
    sub: 'token.sub',
    name: '$.displayName | $.handle',
    nickname: '$.handle',
    preferred_username: '$.handle',
    picture: '$.avatar',
    profile: 'template:https://bsky.app/profile/{handle}',
  },
});
