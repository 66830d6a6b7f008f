import { isObject } from '../../platform/encoding.js';
import type { ProfileSources } from '../../options/register-options.js';
import { asText } from '../../platform/paths.js';

/** Returns the URL of the user's picture, on the server named in the profile. */
export function buddyIcon({ $ }: ProfileSources): string | undefined {
  const { nsid, iconserver, iconfarm } = isObject($['person']) ? $['person'] : {};
  const [farm, server] = [Number(asText(iconfarm)), Number(asText(iconserver))];
  if (typeof nsid !== 'string' || !(server > 0) || !(farm > 0)) return undefined;
  return `https://farm${farm}.staticflickr.com/${server}/buddyicons/${encodeURI(nsid)}.jpg`;
}
