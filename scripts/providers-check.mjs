// Compares the presets with what the providers' discovery documents say today, and prints the drift.
import { byName, names } from '../packages/core/dist/providers.js';

const fields = {
  authorizeUrl: 'authorization_endpoint',
  accessTokenUrl: 'token_endpoint',
  userinfoEndpoint: 'userinfo_endpoint',
  revocationEndpoint: 'revocation_endpoint',
  endSessionEndpoint: 'end_session_endpoint',
};

function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Fills `{variable}` with its default; what is no variable stays, such as Microsoft's `{tenantid}`. */
function fill(url, variables = {}) {
  return Object.entries(variables).reduce(
    (text, [name, { default: value }]) => (value ? text?.replaceAll(`{${name}}`, value) : text),
    url,
  );
}

/** Where a provider's document is, or would be: plain OAuth 2 providers may have one as well. */
function documentOf({ serverMetadataUrl, issuer, urlVariables }) {
  const [first] = [issuer].flat();
  const known = first && `${first.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const url = fill(serverMetadataUrl ?? known, urlVariables);
  return url?.includes('{') ? undefined : url;
}

async function load(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return await response.json();
}

async function online() {
  try {
    await load('https://accounts.google.com/.well-known/openid-configuration');
    return true;
  } catch {
    return false;
  }
}

async function drift(name) {
  const preset = byName(name)();
  const url = documentOf(preset);
  if (url === undefined) return undefined;
  const document = await load(url).catch((error) => {
    // Only a provider that promises one has to have it.
    if (preset.serverMetadataUrl === undefined) return undefined;
    throw error;
  });
  if (document === undefined) return undefined;
  const issuer = fill([preset.issuer].flat()[0], preset.urlVariables);
  const lines = document.issuer === issuer ? [] : [`issuer: ${issuer} → ${document.issuer}`];
  // Some profiles are read from an API on purpose, and not from the endpoint of the standard.
  const own = !String(preset.profile?.sub).startsWith('$.sub');
  for (const [option, field] of Object.entries(fields)) {
    if (own && option === 'userinfoEndpoint') continue;
    const ours = fill(preset[option], preset.urlVariables);
    const theirs = document[field];
    if (ours && theirs && ours !== theirs && !ours.includes('{'))
      lines.push(`${option}: ${ours} → ${theirs}`);
  }
  return lines;
}

if (!(await online())) {
  say('providers:check skipped: there is no network.');
} else {
  for (const name of names) {
    try {
      const lines = await drift(name);
      if (lines === undefined) continue;
      say(lines.length === 0 ? `${name}: as published` : `${name}:\n  ${lines.join('\n  ')}`);
    } catch (error) {
      say(`${name}: could not be asked (${error.message})`);
    }
  }
}
