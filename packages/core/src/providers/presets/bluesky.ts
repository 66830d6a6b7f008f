import { atprotoServers } from '../atproto/hooks.js';
import { bluesky as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Bluesky and all of the AT Protocol (OAuth 2). People give their `handle` with the login, or a DID, or the
 * address of their server. `clientId` is the address of your client metadata document. Handles change:
 * people are known by their DID.
 */
export const bluesky: OAuth2Preset = oauth2Preset({
  provider: 'bluesky',
  displayName: 'Bluesky',
  brandColor: '#1185fe',
  mark,
  serverLocator: atprotoServers(),
  scope: 'atproto transition:generic',
  tokenEndpointAuthMethod: 'none',
  dpop: true,
  requirePushedAuthorizationRequests: true,
  userinfoEndpoint: 'https://public.api.bsky.app/xrpc/app.bsky.actor.getProfile?actor={token.sub}',
  userinfo: { from: 'public' },
  profile: {
    sub: 'token.sub',
    name: '$.displayName | token.server.handle | $.handle',
    nickname: 'token.server.handle | $.handle',
    preferred_username: 'token.server.handle | $.handle',
    picture: '$.avatar',
    profile: 'template:https://bsky.app/profile/{handle}',
  },
});
