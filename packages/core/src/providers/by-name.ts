import { nearestName } from '../nearest.js';
import { OAuthError } from '../errors.js';
import type { RegisterOptions } from '../option-types.js';
import { amazon } from './amazon.js';
import { apple } from './apple.js';
import { atlassian } from './atlassian.js';
import { auth0 } from './auth0.js';
import { authentik } from './authentik.js';
import { battlenet } from './battlenet.js';
import { bitbucket } from './bitbucket.js';
import { bitly } from './bitly.js';
import { blogger } from './blogger.js';
import { bluesky } from './bluesky.js';
import { box } from './box.js';
import { cognito } from './cognito.js';
import { deviantart } from './deviantart.js';
import { discogs } from './discogs.js';
import { discord } from './discord.js';
import { disqus } from './disqus.js';
import { dropbox } from './dropbox.js';
import { ebay } from './ebay.js';
import { epicgames } from './epicgames.js';
import { etsy } from './etsy.js';
import { eventbrite } from './eventbrite.js';
import { facebook } from './facebook.js';
import { figma } from './figma.js';
import { flickr } from './flickr.js';
import { foursquare } from './foursquare.js';
import { garmin } from './garmin.js';
import { github } from './github.js';
import { gitlab } from './gitlab.js';
import { google } from './google.js';
import { hubspot } from './hubspot.js';
import { hydra } from './hydra.js';
import { indieauth } from './indieauth.js';
import { instagram } from './instagram.js';
import { kakao } from './kakao.js';
import { keycloak } from './keycloak.js';
import { line } from './line.js';
import { linear } from './linear.js';
import { linkedin } from './linkedin.js';
import { mailchimp } from './mailchimp.js';
import { mastodon } from './mastodon.js';
import { meetup } from './meetup.js';
import { microsoft } from './microsoft.js';
import { naver } from './naver.js';
import { notion } from './notion.js';
import { okta } from './okta.js';
import { openstreetmap } from './openstreetmap.js';
import { orcid } from './orcid.js';
import { patreon } from './patreon.js';
import { paypal } from './paypal.js';
import { pixelfed } from './pixelfed.js';
import { plentymarkets } from './plentymarkets.js';
import { plurk } from './plurk.js';
import { polar } from './polar.js';
import { reddit } from './reddit.js';
import { roblox } from './roblox.js';
import { salesforce } from './salesforce.js';
import { shopify } from './shopify.js';
import { slack } from './slack.js';
import { slack_app } from './slack-app.js';
import { spotify } from './spotify.js';
import { stackexchange } from './stackexchange.js';
import { strava } from './strava.js';
import { threads } from './threads.js';
import { tiktok } from './tiktok.js';
import { trello } from './trello.js';
import { tumblr } from './tumblr.js';
import { tumblr_oauth2 } from './tumblr-oauth2.js';
import { twitch } from './twitch.js';
import { twitter } from './twitter.js';
import { twitter_v2 } from './twitter-v2.js';
import { vimeo } from './vimeo.js';
import { vkid } from './vkid.js';
import { weibo } from './weibo.js';
import { wikimedia } from './wikimedia.js';
import { wikimedia_oauth1 } from './wikimedia-oauth1.js';
import { withings } from './withings.js';
import { wordpress } from './wordpress.js';
import { xero } from './xero.js';
import { xing } from './xing.js';
import { yahoo } from './yahoo.js';
import { yandex } from './yandex.js';
import { zitadel } from './zitadel.js';
import { zoom } from './zoom.js';
import * as retired from './retired.js';

const living = {
  amazon,
  apple,
  atlassian,
  auth0,
  authentik,
  battlenet,
  bitbucket,
  bitly,
  blogger,
  bluesky,
  box,
  cognito,
  deviantart,
  discogs,
  discord,
  disqus,
  dropbox,
  ebay,
  epicgames,
  etsy,
  eventbrite,
  facebook,
  figma,
  flickr,
  foursquare,
  garmin,
  github,
  gitlab,
  google,
  hubspot,
  hydra,
  indieauth,
  instagram,
  kakao,
  keycloak,
  line,
  linear,
  linkedin,
  mailchimp,
  mastodon,
  meetup,
  microsoft,
  naver,
  notion,
  okta,
  openstreetmap,
  orcid,
  patreon,
  paypal,
  pixelfed,
  plentymarkets,
  plurk,
  polar,
  reddit,
  roblox,
  salesforce,
  shopify,
  slack,
  slack_app,
  spotify,
  stackexchange,
  strava,
  threads,
  tiktok,
  trello,
  tumblr,
  tumblr_oauth2,
  twitch,
  twitter,
  twitter_v2,
  vimeo,
  vkid,
  weibo,
  wikimedia,
  wikimedia_oauth1,
  withings,
  wordpress,
  xero,
  xing,
  yahoo,
  yandex,
  zitadel,
  zoom,
};

/** The names of the presets of living providers. */
export type PresetName = keyof typeof living;

/** The names of those that speak OAuth 1.0a. */
export type OAuth1PresetName = {
  [N in PresetName]: ReturnType<(typeof living)[N]> extends { requestTokenUrl: string } ? N : never;
}[PresetName];

/** The names of the presets of living providers, in order. */
export const names: readonly PresetName[] = Object.keys(living) as PresetName[];

type AnyPreset = (options?: RegisterOptions & Record<string, unknown>) => RegisterOptions;

/** Finds a preset by its name: `undefined` where there is none; one of a retired provider throws when called. */
export function findPreset(name: string): AnyPreset | undefined {
  if (Object.hasOwn(living, name)) return living[name as PresetName] as AnyPreset;
  return Object.entries(retired).find(([gone]) => gone === name)?.[1];
}

/**
 * Finds a preset by its name, for applications whose configuration says which providers there are.
 *
 * @example
 * ```ts
 * for (const name of config.providers) oauth.register(name, byName(name)());
 * ```
 *
 * @throws OAuthError `invalid_options` for a name that no preset has
 */
export function byName<N extends PresetName>(name: N): (typeof living)[N];
export function byName(name: string): AnyPreset;
export function byName(name: string): AnyPreset {
  const preset = findPreset(name);
  if (preset) return preset;
  const near = nearestName(name, names as string[]);
  throw new OAuthError(
    'invalid_options',
    `There is no preset "${name}". ${near ? `Did you mean "${near}"?` : 'Describe the provider with the options of register().'}`,
  );
}
