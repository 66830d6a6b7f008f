import { steam as mark } from '../definition/marks.js';
import { openid2Preset, type OpenID2Preset } from '../definition/preset.js';

/**
 * Steam (OpenID 2.0). Says which account it is; with an `apiKey` (`STEAM_API_KEY`) the login brings the
 * name and the picture too.
 */
export const steam: OpenID2Preset = openid2Preset({
  provider: 'steam',
  displayName: 'Steam',
  brandColor: '#000000',
  mark,
  openid2Endpoint: 'https://steamcommunity.com/openid/login',
  claimedIdPattern: 'https://steamcommunity\\.com/openid/id/(\\d{17})',
  userinfoEndpoint: 'https://api.steampowered.com/ISteamUser/GetPlayerSummaries/v2/',
  apiBaseUrl: 'https://api.steampowered.com/',
  // Steam has rejected `check_authentication` requests without this header.
  headers: {
    token: { origin: 'https://steamcommunity.com' },
    api: { 'x-webapi-key': '{api_key}' },
  },
  userinfo: { params: { steamids: '{token.userinfo.sub}' } },
  profile: {
    sub: '$.response.players[0].steamid | $.sub',
    claimed_id: 'token.claimed_id',
    name: '$.response.players[0].personaname',
    nickname: '$.response.players[0].personaname',
    picture: '$.response.players[0].avatarfull',
    profile: '$.response.players[0].profileurl',
  },
});
