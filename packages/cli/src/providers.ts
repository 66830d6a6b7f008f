import { byName, names } from '@oauth-registry/core/providers';
import type { Terminal } from './output.js';

/** Lists the presets, or those that match a text. */
export function providers(search: string, terminal: Terminal): number {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const all = names.map((name) => {
    const {
      displayName = name,
      requestTokenUrl,
      openid2Endpoint,
      scope,
      urlVariables,
    } = byName(name)();
    const protocol = requestTokenUrl
      ? 'OAuth 1.0a'
      : openid2Endpoint
        ? 'OpenID 2.0'
        : String(scope).includes('openid')
          ? 'OpenID Connect'
          : 'OAuth 2';
    return { name, displayName, protocol, variables: Object.keys(urlVariables ?? {}) };
  });
  const found = all.filter(({ name, displayName, protocol }) => {
    const text = `${name} ${displayName} ${protocol}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  if (terminal.json) terminal.result(JSON.stringify(found, undefined, 2));
  else {
    for (const { name, displayName, protocol, variables } of found) {
      const more = variables.length > 0 ? terminal.colors.dim(`  (${variables.join(', ')})`) : '';
      terminal.result(`${name.padEnd(20)} ${displayName.padEnd(28)} ${protocol}${more}`);
    }
    terminal.say(
      found.length === 0
        ? `No preset matches "${search}". Any provider can be described with options: pass its issuer URL to "login".`
        : `${found.length} of ${all.length} providers.`,
    );
  }
  return found.length === 0 ? 1 : 0;
}
