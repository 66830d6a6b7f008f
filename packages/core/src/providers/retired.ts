import { retired } from './definition/preset.js';

// Retired providers. Their names still exist, so that code which uses them gets a helpful error.

export const behance: () => never = retired(
  '2018',
  'Adobe closed the registration of applications and their authorization',
);
export const bitbucket_oauth1: () => never = retired(
  '2019',
  'OAuth 1 and version 1.0 of the API were removed',
  'bitbucket',
);
export const cosm: () => never = retired('2018', 'the service was closed');
export const douban: () => never = retired(
  '2019',
  'no API keys are issued, and the API is closed to the public',
);
export const etsy_oauth1: () => never = retired('2023', 'version 2 of the API was closed', 'etsy');
export const fitbit: () => never = retired(
  'October 2026',
  'the Fitbit Web API became the Google Health API, with scopes of its own at Google',
  'google',
);
export const garmin_oauth1: () => never = retired(
  'the end of 2026',
  'Garmin takes OAuth 1 out of service',
  'garmin',
);
export const goodreads: () => never = retired(
  'December 2020',
  'no developer keys are issued, and unused ones were disabled',
);
export const instagram_basic: () => never = retired(
  'December 2024',
  'the Basic Display API was shut down; only professional accounts can log in',
  'instagram',
);
export const linkedin_legacy: () => never = retired(
  'August 2023',
  'Sign In with LinkedIn v1 is closed in favour of OpenID Connect',
  'linkedin',
);
export const medium: () => never = retired(
  '2023',
  'no applications can be registered, and the API is unsupported',
);
export const meetup_oauth1: () => never = retired(
  '2020',
  'OAuth 1 and the REST API were withdrawn',
  'meetup',
);
export const openstreetmap_oauth1: () => never = retired(
  'June 2024',
  'OAuth 1 was disabled',
  'openstreetmap',
);
export const ubuntuone: () => never = retired('2014', 'the service was shut down');
export const viadeo: () => never = retired('2016', 'the company is gone');
export const vimeo_oauth1: () => never = retired(
  '2016',
  'version 2 of the API was retired',
  'vimeo',
);
export const vk: () => never = retired(
  '2024',
  'classic VK OAuth is closed to new applications; VK ID replaces it',
  'vkid',
);
export const windowslive: () => never = retired(
  '2018',
  'the Live SDK was retired in favour of the Microsoft identity platform',
  'microsoft',
);
export const xero_oauth1: () => never = retired('2021', 'OAuth 1 was switched off', 'xero');
export const yahoo_oauth1: () => never = retired(
  'January 2019',
  'YQL was retired, and sign-in moved to OpenID Connect',
  'yahoo',
);
export const yammer: () => never = retired(
  'July 2025',
  'the registration of applications is closed; tokens of Microsoft Entra reach the API',
  'microsoft',
);
