import { atprotoServers } from '../atproto/hooks.js';
import { bluesky as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Bluesky and the whole AT Protocol (OAuth 2). A login takes the user's `handle`, DID or server URL.
 * `clientId` is the URL of your client metadata document. Handles can change; `sub` is the DID.
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
