/**
 * Presets: what `register()` needs to know of a provider, by the provider's name. Each stands alone, so
 * that a bundle holds the ones it names.
 *
 * @module @oauth-registry/core/providers
 */
export { amazon } from './amazon.js';
export { apple } from './apple.js';
export { atlassian } from './atlassian.js';
export { auth0 } from './auth0.js';
export { authentik } from './authentik.js';
export { battlenet } from './battlenet.js';
export { bitbucket } from './bitbucket.js';
export { bitly } from './bitly.js';
export { blogger } from './blogger.js';
export { bluesky } from './bluesky.js';
export { box } from './box.js';
export { cognito } from './cognito.js';
export { deviantart } from './deviantart.js';
export { discogs } from './discogs.js';
export { discord } from './discord.js';
export { disqus } from './disqus.js';
export { dropbox } from './dropbox.js';
export { ebay } from './ebay.js';
export { epicgames } from './epicgames.js';
export { etsy } from './etsy.js';
export { eventbrite } from './eventbrite.js';
export { facebook } from './facebook.js';
export { figma } from './figma.js';
export { flickr } from './flickr.js';
export { foursquare } from './foursquare.js';
export { garmin } from './garmin.js';
export { github } from './github.js';
export { gitlab } from './gitlab.js';
export { google } from './google.js';
export { hubspot } from './hubspot.js';
export { hydra } from './hydra.js';
export { indieauth } from './indieauth.js';
export { instagram } from './instagram.js';
export { kakao } from './kakao.js';
export { keycloak } from './keycloak.js';
export { line } from './line.js';
export { linear } from './linear.js';
export { linkedin } from './linkedin.js';
export { mailchimp } from './mailchimp.js';
export { mastodon } from './mastodon.js';
export { meetup } from './meetup.js';
export { microsoft } from './microsoft.js';
export { naver } from './naver.js';
export { notion } from './notion.js';
export { okta } from './okta.js';
export { openstreetmap } from './openstreetmap.js';
export { orcid } from './orcid.js';
export { patreon } from './patreon.js';
export { paypal } from './paypal.js';
export { pixelfed } from './pixelfed.js';
export { plentymarkets } from './plentymarkets.js';
export { plurk } from './plurk.js';
export { polar } from './polar.js';
export { reddit } from './reddit.js';
export { roblox } from './roblox.js';
export { salesforce } from './salesforce.js';
export { shopify } from './shopify.js';
export { isSignedByShopify } from './hooks/shopify.js';
export { slack } from './slack.js';
export { slack_app } from './slack-app.js';
export { spotify } from './spotify.js';
export { stackexchange } from './stackexchange.js';
export { steam } from './steam.js';
export { strava } from './strava.js';
export { threads } from './threads.js';
export { tiktok } from './tiktok.js';
export { trello } from './trello.js';
export { tumblr } from './tumblr.js';
export { tumblr_oauth2 } from './tumblr-oauth2.js';
export { twitch } from './twitch.js';
export { twitter } from './twitter.js';
export { twitter_v2 } from './twitter-v2.js';
export { vimeo } from './vimeo.js';
export { vkid } from './vkid.js';
export { weibo } from './weibo.js';
export { wikimedia } from './wikimedia.js';
export { wikimedia_oauth1 } from './wikimedia-oauth1.js';
export { withings } from './withings.js';
export { wordpress } from './wordpress.js';
export { xero } from './xero.js';
export { xing } from './xing.js';
export { yahoo } from './yahoo.js';
export { yandex } from './yandex.js';
export { zitadel } from './zitadel.js';
export { zoom } from './zoom.js';
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
export { atprotoServers, type AtprotoNetwork } from './hooks/atproto.js';
export { atprotoLoopbackClientId } from './hooks/atproto-loopback.js';
export { byName, names } from './by-name.js';
export type { OAuth1PresetName, OpenID2PresetName, PresetName } from './by-name.js';
export type { OAuth1Preset, OAuth2Preset, OpenID2Preset, PresetOptions } from './preset.js';
