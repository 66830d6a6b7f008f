import { isObject, parseJson } from '../../platform/encoding.js';
import type { ProfileSources } from '../../options/register-options.js';
import { isTrue } from '../../platform/paths.js';
import { asText } from '../../platform/paths.js';

const dates = /new Date\(("[^"]*")\)/g;

/** Parses a profile in JavaScript syntax with Date objects. */
export function readDates(endpoint: string, text: string): Record<string, unknown> | undefined {
  if (endpoint !== 'userinfo' || !text.includes('new Date(')) return undefined;
  const profile = parseJson(text.replace(dates, '$1'));
  return isObject(profile) ? profile : undefined;
}

/** Returns the URL of the picture from an id and a version. */
export function plurkAvatar({ $ }: ProfileSources): string | undefined {
  const user = isObject($['user_info']) ? $['user_info'] : $;
  const [id = '', version = ''] = [asText(user['id']), asText(user['avatar'])];
  if (!isTrue(user['has_profile_image']) || !/^\d+$/.test(id)) return undefined;
  return `https://avatars.plurk.com/${id}-big${/^\d+$/.test(version) ? version : ''}.jpg`;
}
