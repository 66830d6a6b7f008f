/**
 * Presets: the options that `register()` needs for a provider, by provider name. Each is a separate
 * module, so that a bundle contains only the imported ones.
 *
 * @module @oauth-registry/core/providers
 */
export { amazon } from './providers/presets/amazon.js';
export { apple } from './providers/presets/apple.js';
export { atlassian } from './providers/presets/atlassian.js';
export { auth0 } from './providers/presets/auth0.js';
export { authentik } from './providers/presets/authentik.js';
export { battlenet } from './providers/presets/battlenet.js';
export { bitbucket } from './providers/presets/bitbucket.js';
export { bitly } from './providers/presets/bitly.js';
export { blogger } from './providers/presets/blogger.js';
export { bluesky } from './providers/presets/bluesky.js';
export { box } from './providers/presets/box.js';
export { cognito } from './providers/presets/cognito.js';
export { deviantart } from './providers/presets/deviantart.js';
export { discogs } from './providers/presets/discogs.js';
export { discord } from './providers/presets/discord.js';
export { disqus } from './providers/presets/disqus.js';
export { dropbox } from './providers/presets/dropbox.js';
export { ebay } from './providers/presets/ebay.js';
export { epicgames } from './providers/presets/epicgames.js';
export { etsy } from './providers/presets/etsy.js';
export { eventbrite } from './providers/presets/eventbrite.js';
export { facebook } from './providers/presets/facebook.js';
export { figma } from './providers/presets/figma.js';
export { flickr } from './providers/presets/flickr.js';
export { foursquare } from './providers/presets/foursquare.js';
export { garmin } from './providers/presets/garmin.js';
export { github } from './providers/presets/github.js';
export { gitlab } from './providers/presets/gitlab.js';
export { google } from './providers/presets/google.js';
export { hubspot } from './providers/presets/hubspot.js';
export { hydra } from './providers/presets/hydra.js';
export { indieauth } from './providers/presets/indieauth.js';
export { instagram } from './providers/presets/instagram.js';
export { kakao } from './providers/presets/kakao.js';
export { keycloak } from './providers/presets/keycloak.js';
export { line } from './providers/presets/line.js';
export { linear } from './providers/presets/linear.js';
export { linkedin } from './providers/presets/linkedin.js';
export { mailchimp } from './providers/presets/mailchimp.js';
export { mastodon } from './providers/presets/mastodon.js';
export { meetup } from './providers/presets/meetup.js';
export { microsoft } from './providers/presets/microsoft.js';
export { naver } from './providers/presets/naver.js';
export { notion } from './providers/presets/notion.js';
export { okta } from './providers/presets/okta.js';
export { openstreetmap } from './providers/presets/openstreetmap.js';
export { orcid } from './providers/presets/orcid.js';
export { patreon } from './providers/presets/patreon.js';
export { paypal } from './providers/presets/paypal.js';
export { pixelfed } from './providers/presets/pixelfed.js';
export { plentymarkets } from './providers/presets/plentymarkets.js';
export { plurk } from './providers/presets/plurk.js';
export { polar } from './providers/presets/polar.js';
export { reddit } from './providers/presets/reddit.js';
export { roblox } from './providers/presets/roblox.js';
export { salesforce } from './providers/presets/salesforce.js';
export { shopify } from './providers/presets/shopify.js';
export { isSignedByShopify } from './providers/hooks/shopify.js';
export { slack } from './providers/presets/slack.js';
export { slack_app } from './providers/presets/slack-app.js';
export { spotify } from './providers/presets/spotify.js';
export { stackexchange } from './providers/presets/stackexchange.js';
export { steam } from './providers/presets/steam.js';
export { strava } from './providers/presets/strava.js';
export { threads } from './providers/presets/threads.js';
export { tiktok } from './providers/presets/tiktok.js';
export { trello } from './providers/presets/trello.js';
export { tumblr } from './providers/presets/tumblr.js';
export { tumblr_oauth2 } from './providers/presets/tumblr-oauth2.js';
export { twitch } from './providers/presets/twitch.js';
export { twitter } from './providers/presets/twitter.js';
export { twitter_v2 } from './providers/presets/twitter-v2.js';
export { vimeo } from './providers/presets/vimeo.js';
export { vkid } from './providers/presets/vkid.js';
export { weibo } from './providers/presets/weibo.js';
export { wikimedia } from './providers/presets/wikimedia.js';
export { wikimedia_oauth1 } from './providers/presets/wikimedia-oauth1.js';
export { withings } from './providers/presets/withings.js';
export { wordpress } from './providers/presets/wordpress.js';
export { xero } from './providers/presets/xero.js';
export { xing } from './providers/presets/xing.js';
export { yahoo } from './providers/presets/yahoo.js';
export { yandex } from './providers/presets/yandex.js';
export { zitadel } from './providers/presets/zitadel.js';
export { zoom } from './providers/presets/zoom.js';
export {
  behance,
  bitbucket_oauth1,
  cosm,
  douban,
  etsy_oauth1,
  fitbit,
  garmin_oauth1,
  goodreads,
  instagram_basic,
  linkedin_legacy,
  medium,
  meetup_oauth1,
  openstreetmap_oauth1,
  ubuntuone,
  viadeo,
  vimeo_oauth1,
  vk,
  windowslive,
  xero_oauth1,
  yahoo_oauth1,
  yammer,
} from './providers/retired.js';
export { atprotoServers, type AtprotoNetwork } from './providers/atproto/hooks.js';
export { atprotoLoopbackClientId } from './providers/atproto/loopback.js';
export { byName, names } from './providers/by-name.js';
export type { OAuth1PresetName, OpenID2PresetName, PresetName } from './providers/by-name.js';
export type {
  OAuth1Preset,
  OAuth2Preset,
  OpenID2Preset,
  PresetOptions,
} from './providers/definition/preset.js';
