/**
 * Presets: what `register()` needs to know of a provider, by the provider's name. Each stands alone, so
 * that a bundle holds the ones it names.
 *
 * @module @oauth-registry/core/providers
 */
export { amazon } from './presets/amazon.js';
export { apple } from './presets/apple.js';
export { atlassian } from './presets/atlassian.js';
export { auth0 } from './presets/auth0.js';
export { authentik } from './presets/authentik.js';
export { battlenet } from './presets/battlenet.js';
export { bitbucket } from './presets/bitbucket.js';
export { bitly } from './presets/bitly.js';
export { blogger } from './presets/blogger.js';
export { bluesky } from './presets/bluesky.js';
export { box } from './presets/box.js';
export { cognito } from './presets/cognito.js';
export { deviantart } from './presets/deviantart.js';
export { discogs } from './presets/discogs.js';
export { discord } from './presets/discord.js';
export { disqus } from './presets/disqus.js';
export { dropbox } from './presets/dropbox.js';
export { ebay } from './presets/ebay.js';
export { epicgames } from './presets/epicgames.js';
export { etsy } from './presets/etsy.js';
export { eventbrite } from './presets/eventbrite.js';
export { facebook } from './presets/facebook.js';
export { figma } from './presets/figma.js';
export { flickr } from './presets/flickr.js';
export { foursquare } from './presets/foursquare.js';
export { garmin } from './presets/garmin.js';
export { github } from './presets/github.js';
export { gitlab } from './presets/gitlab.js';
export { google } from './presets/google.js';
export { hubspot } from './presets/hubspot.js';
export { hydra } from './presets/hydra.js';
export { indieauth } from './presets/indieauth.js';
export { instagram } from './presets/instagram.js';
export { kakao } from './presets/kakao.js';
export { keycloak } from './presets/keycloak.js';
export { line } from './presets/line.js';
export { linear } from './presets/linear.js';
export { linkedin } from './presets/linkedin.js';
export { mailchimp } from './presets/mailchimp.js';
export { mastodon } from './presets/mastodon.js';
export { meetup } from './presets/meetup.js';
export { microsoft } from './presets/microsoft.js';
export { naver } from './presets/naver.js';
export { notion } from './presets/notion.js';
export { okta } from './presets/okta.js';
export { openstreetmap } from './presets/openstreetmap.js';
export { orcid } from './presets/orcid.js';
export { patreon } from './presets/patreon.js';
export { paypal } from './presets/paypal.js';
export { pixelfed } from './presets/pixelfed.js';
export { plentymarkets } from './presets/plentymarkets.js';
export { plurk } from './presets/plurk.js';
export { polar } from './presets/polar.js';
export { reddit } from './presets/reddit.js';
export { roblox } from './presets/roblox.js';
export { salesforce } from './presets/salesforce.js';
export { shopify } from './presets/shopify.js';
export { isSignedByShopify } from './hooks/shopify.js';
export { slack } from './presets/slack.js';
export { slack_app } from './presets/slack-app.js';
export { spotify } from './presets/spotify.js';
export { stackexchange } from './presets/stackexchange.js';
export { steam } from './presets/steam.js';
export { strava } from './presets/strava.js';
export { threads } from './presets/threads.js';
export { tiktok } from './presets/tiktok.js';
export { trello } from './presets/trello.js';
export { tumblr } from './presets/tumblr.js';
export { tumblr_oauth2 } from './presets/tumblr-oauth2.js';
export { twitch } from './presets/twitch.js';
export { twitter } from './presets/twitter.js';
export { twitter_v2 } from './presets/twitter-v2.js';
export { vimeo } from './presets/vimeo.js';
export { vkid } from './presets/vkid.js';
export { weibo } from './presets/weibo.js';
export { wikimedia } from './presets/wikimedia.js';
export { wikimedia_oauth1 } from './presets/wikimedia-oauth1.js';
export { withings } from './presets/withings.js';
export { wordpress } from './presets/wordpress.js';
export { xero } from './presets/xero.js';
export { xing } from './presets/xing.js';
export { yahoo } from './presets/yahoo.js';
export { yandex } from './presets/yandex.js';
export { zitadel } from './presets/zitadel.js';
export { zoom } from './presets/zoom.js';
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
} from './retired.js';
export { atprotoServers, type AtprotoNetwork } from './atproto/hooks.js';
export { atprotoLoopbackClientId } from './atproto/loopback.js';
export { byName, names } from './by-name.js';
export type { OAuth1PresetName, OpenID2PresetName, PresetName } from './by-name.js';
export type {
  OAuth1Preset,
  OAuth2Preset,
  OpenID2Preset,
  PresetOptions,
} from './definition/preset.js';
