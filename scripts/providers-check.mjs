// Compares the presets with what the providers' discovery documents say today, and prints the drift.
import { byName, names } from '../packages/core/dist/providers/index.js';

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

/** Fills `{variable}` with its default; `undefined` where one has none. */
function fill(url, variables = {}) {
  const filled = Object.entries(variables).reduce(
    (text, [name, { default: value }]) => (value ? text?.replaceAll(`{${name}}`, value) : text),
    url,
  );
  return filled === undefined || /\{(?!client_id|token\.)/.test(filled) ? undefined : filled;
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
  const url = fill(preset.serverMetadataUrl, preset.urlVariables);
  if (url === undefined) return undefined;
  const document = await load(url);
  const issuer = [preset.issuer].flat()[0];
  const lines = [];
  if (document.issuer !== fill(issuer, preset.urlVariables) && document.issuer !== issuer) {
    lines.push(`issuer: ${issuer} → ${document.issuer}`);
  }
  for (const [option, field] of Object.entries(fields)) {
    const ours = fill(preset[option], preset.urlVariables);
    const theirs = document[field];
    if (ours && theirs && ours !== theirs) lines.push(`${option}: ${ours} → ${theirs}`);
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
