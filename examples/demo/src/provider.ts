import { randomBytes } from 'node:crypto';
import { openNextFree } from './listen.js';
import { createOpenIdProvider } from './providers/openid.js';

// The demo's OpenID provider alone, for the examples beside the demo. It prints what to configure.
const [redirectUri = 'http://localhost:3000/callback/corp'] = process.argv.slice(2);
const server = await openNextFree('127.0.0.1', 3100);
const clientId = 'example';
const clientSecret = randomBytes(24).toString('base64url');
server.serve(
  await createOpenIdProvider({ origin: server.origin, clientId, clientSecret, redirectUri }),
);

// If all output is saved, Node.js reads the lines above and this comment as one variable, because of its "=".
console.log(`
# Save these lines as .env (NAME=value):
export CORP_CLIENT_ID=${clientId}
export CORP_CLIENT_SECRET=${clientSecret}
export CORP_SERVER_METADATA_URL=${server.origin}/.well-known/openid-configuration
export CORP_API_BASE_URL=${server.origin}
export BASE_URL=${new URL(redirectUri).origin}
export SESSION_SECRET=${randomBytes(32).toString('base64url')}
`);
