import { insideOf, type FrameworkClient } from '../client/client.js';
import { now } from '../platform/crypto.js';
import { OAuthError } from '../model/errors.js';
import { withoutUndefined } from '../platform/encoding.js';
import { createHttp } from '../platform/http/http.js';
import type { ServerMetadata } from '../protocols/oauth2/discovery/metadata.js';
import { questionsOf } from '../options/server-choice.js';
import { failure, speaksOAuth2, type Finding, type Patient } from './finding.js';
import { examineCredentials } from './credentials.js';
import { examineKeys } from './keys.js';
import { defaultCallback, examineAddress } from './callback-url.js';

/** Clocks that differ by more make good tokens look expired, or not yet valid. Seconds. */
const tolerance = 30;

/** Runs every check on one client; where the provider cannot be asked, only those without it. */
export async function examine(
  client: FrameworkClient,
  callback: string = defaultCallback,
): Promise<Finding[]> {
  const { options, registry } = insideOf(client);
  const path = callback.replaceAll('{name}', client.name);
  const findings = examineAddress(path, options, registry);
  const loaded = await discovery(client);
  findings.push(...loaded.findings);
  if (!loaded.metadata) return findings;
  const patient: Patient = { client, path, options, registry, metadata: loaded.metadata };
  return [
    ...findings,
    ...(await clock(patient)),
    ...(await examineKeys(patient)),
    await examineCredentials(patient),
  ];
}

async function discovery(
  client: FrameworkClient,
): Promise<{ findings: Finding[]; metadata?: ServerMetadata }> {
  const check = 'discovery';
  if (!speaksOAuth2(client)) return { findings: [], metadata: {} };
  if (questionsOf(insideOf(client).options).length > 0) {
    const text = 'not checked: people choose the server with each login';
    return { findings: [{ level: 'ok', check, text }] };
  }
  try {
    const metadata = await client.loadServerMetadata();
    const text = metadata.issuer
      ? `the issuer is "${metadata.issuer}", as expected`
      : 'nothing to discover: the endpoints are given';
    return { metadata, findings: [{ level: 'ok', check, text }] };
  } catch (error) {
    const finding = failure(
      error instanceof OAuthError && error.code === 'mismatching_issuer' ? 'issuer' : check,
      error,
    );
    return { findings: [finding] };
  }
}

/** Compares the provider's `Date` with our clock. */
async function clock({ options, registry, metadata }: Patient): Promise<Finding[]> {
  const check = 'clock';
  const url =
    options.serverMetadataUrl ??
    options.openid2Endpoint ??
    metadata.jwks_uri ??
    metadata.authorization_endpoint ??
    options.authorizeUrl;
  if (url === undefined) return [];
  try {
    const { fetch, timeout, userAgent } = options;
    const own = withoutUndefined({ fetch, timeout, userAgent });
    const http = createHttp({ ...registry, ...own });
    const { headers, body } = await http.send({ what: 'provider', url });
    await body?.cancel();
    // A cache hands on the date of long ago, and says for how long it had the answer.
    const date = Date.parse(headers.get('date') ?? '') + Number(headers.get('age') ?? 0) * 1000;
    const ahead = Math.round((now() - date) / 1000);
    if (Number.isNaN(ahead)) return [];
    if (Math.abs(ahead) <= tolerance) {
      return [{ level: 'ok', check, text: 'agrees with the provider’s' }];
    }
    const text =
      `this machine is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead of' : 'behind'} the provider. ` +
      'Synchronise it (NTP): tokens will look expired, or not yet valid';
    return [{ level: 'error', check, text }];
  } catch (error) {
    return [{ ...failure(check, error), level: 'warning' }];
  }
}
