import { internalsOf, type FrameworkClient } from '../client/client.js';
import { now } from '../platform/crypto.js';
import { OAuthError } from '../model/errors.js';
import { withoutUndefined } from '../platform/encoding.js';
import { createHttp } from '../platform/http/http.js';
import type { ServerMetadata } from '../protocols/oauth2/discovery/metadata.js';
import { questionsOf } from '../options/server-choice.js';
import { failure, speaksOAuth2, type Finding, type ClientUnderTest } from './finding.js';
import { checkCredentials } from './credentials.js';
import { checkEndpoints } from './endpoints.js';
import { checkMetadata } from './metadata.js';
import { checkKeys } from './keys.js';
import { checkWrittenValues } from './written-values.js';
import { defaultCallback, checkCallbackUrl } from './callback-url.js';

/**
 * Maximum clock difference in seconds. A larger one makes valid tokens appear expired or not yet
 * valid.
 */
const tolerance = 30;

/**
 * Runs all checks on one client, or only those without requests if the provider cannot be reached.
 */
export async function examine(
  client: FrameworkClient,
  callback: string = defaultCallback,
): Promise<Finding[]> {
  const { options, registry } = internalsOf(client);
  const path = callback.replaceAll('{name}', client.name);
  const findings = [...checkCallbackUrl(path, options, registry), ...checkWrittenValues(options)];
  const loaded = await discovery(client);
  findings.push(...loaded.findings);
  if (!loaded.metadata) return findings;
  const patient: ClientUnderTest = { client, path, options, registry, metadata: loaded.metadata };
  return [
    ...findings,
    ...(await clock(patient)),
    ...checkMetadata(patient),
    ...(await checkKeys(patient)),
    ...(await checkEndpoints(patient)),
    await checkCredentials(patient),
  ];
}

async function discovery(
  client: FrameworkClient,
): Promise<{ findings: Finding[]; metadata?: ServerMetadata }> {
  const check = 'discovery';
  if (!speaksOAuth2(client)) return { findings: [], metadata: {} };
  if (questionsOf(internalsOf(client).options).length > 0) {
    const text = 'not checked: users choose the server at login';
    return { findings: [{ level: 'ok', check, text }] };
  }
  try {
    const metadata = await client.loadServerMetadata();
    const text = metadata.issuer
      ? `the issuer is "${metadata.issuer}", as expected`
      : 'no discovery needed: the endpoints are set';
    return { metadata, findings: [{ level: 'ok', check, text }] };
  } catch (error) {
    const finding = failure(
      error instanceof OAuthError && error.code === 'mismatching_issuer' ? 'issuer' : check,
      error,
    );
    return { findings: [finding] };
  }
}

/** Compares the provider's `Date` header with the local clock. */
async function clock({ options, registry, metadata }: ClientUnderTest): Promise<Finding[]> {
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
    const { headers, body } = await http.sendResource({ what: 'provider', url });
    await body?.cancel();
    // A cached response has an old date, and its age in the `Age` header.
    const date = Date.parse(headers.get('date') ?? '') + Number(headers.get('age') ?? 0) * 1000;
    const ahead = Math.round((now() - date) / 1000);
    if (Number.isNaN(ahead)) return [];
    if (Math.abs(ahead) <= tolerance) {
      return [{ level: 'ok', check, text: 'matches the provider’s' }];
    }
    const text =
      `this machine is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead of' : 'behind'} the ` +
      'provider. Synchronise it (NTP): tokens will appear expired or not yet valid';
    return [{ level: 'error', check, text }];
  } catch (error) {
    return [{ ...failure(check, error), level: 'warning' }];
  }
}
