import { createInterface } from 'node:readline/promises';
import { OAuth, isOAuthError } from '@oauth-registry/core';

// The rest comes from CORP_CLIENT_ID, CORP_CLIENT_SECRET, CORP_API_BASE_URL and the addresses of the
// provider. With CORP_REQUEST_TOKEN_URL it speaks OAuth 1.0a, and shows the person a code ("oob").
const { CORP_REQUEST_TOKEN_URL: requestTokenUrl, REDIRECT_URI } = process.env;
const redirectUri =
  REDIRECT_URI ?? (requestTokenUrl ? 'oob' : 'http://localhost:3000/callback/corp');

const oauth = new OAuth();
oauth.register('corp', requestTokenUrl ? { requestTokenUrl } : { scope: 'openid profile' });
const corp = oauth.createClient('corp');

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(question);
  terminal.close();
  return answer.trim();
}

try {
  const login = await corp.createAuthorizationUrl(redirectUri);
  console.log(`Open this URL in a browser and log in:\n\n${login.url}\n`);
  const callback =
    redirectUri === 'oob'
      ? {
          oauth_token: login.state,
          oauth_verifier: await ask('Type the code that the provider shows: '),
        }
      : await ask('Paste the URL that the browser is redirected to; the page may not load: ');
  const token = await corp.fetchAccessToken(callback, login);
  const response = await corp.get('me', { token });
  console.log(`\nThe API responds with ${response.status}:\n${await response.text()}`);
} catch (error) {
  if (!isOAuthError(error)) throw error;
  console.error(`\n${error.code}: ${error.message}`);
  process.exitCode = 1;
}
