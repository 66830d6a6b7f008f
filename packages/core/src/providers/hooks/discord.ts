import type { ProfileSources } from '../../options/register-options.js';
import { asText } from '../../platform/paths.js';

/**
 * Returns the avatar URL. Without a hash, the id or the legacy discriminator selects a default
 * avatar.
 */
export function discordAvatar({ $ }: ProfileSources): string | undefined {
  const { avatar: hash } = $;
  const [id = '', discriminator] = [asText($['id']), asText($['discriminator'])];
  if (!/^\d+$/.test(id)) return undefined;
  const cdn = 'https://cdn.discordapp.com';
  if (typeof hash === 'string' && /^\w+$/.test(hash))
    return `${cdn}/avatars/${id}/${hash}.${hash.startsWith('a_') ? 'gif' : 'png'}`;
  const old = Number(discriminator ?? 0) || 0;
  const n = old === 0 ? (BigInt(id) >> 22n) % 6n : old % 5;
  return `${cdn}/embed/avatars/${n}.png`;
}
