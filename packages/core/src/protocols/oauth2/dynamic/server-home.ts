import type { RegisterOptions } from '../../../options/register-options.js';
import { questionsOf } from '../../../options/server-choice.js';
import { isHost } from '../../../platform/url-templates.js';
import { fixedIssuer } from '../../../platform/issuer.js';

/** Returns the key of a server's registrations. Each tenant of a host is a separate server. */
export function registrationKeyOf(
  there: Readonly<RegisterOptions>,
  options: Readonly<RegisterOptions>,
): string {
  const { authorizeUrl, serverMetadataUrl, urlVariables = {} } = there;
  const issuer = fixedIssuer(there);
  if (issuer !== undefined) return issuer;
  const { origin, pathname } = new URL(authorizeUrl ?? serverMetadataUrl ?? '');
  const tenants = questionsOf(options).some(
    ({ name }) => urlVariables[name] !== undefined && !isHost(options, name),
  );
  return tenants ? origin + pathname : origin;
}
