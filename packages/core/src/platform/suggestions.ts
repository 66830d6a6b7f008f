/** Returns the known name nearest to a misspelt one, at an edit distance of at most `most`. */
export function nearestName(
  name: string,
  known: readonly string[],
  most?: number,
): string | undefined {
  const plain = simplify(name);
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(plain, simplify(candidate)) }))
    .toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= (most ?? Math.max(2, Math.floor(plain.length / 3)))
    ? best.candidate
    : undefined;
}

/** Option names of the specifications and other libraries, simplified. */
const synonyms: Readonly<Record<string, string>> = {
  authorizationendpoint: 'authorizeUrl',
  authorizationurl: 'authorizeUrl',
  authurl: 'authorizeUrl',
  tokenendpoint: 'accessTokenUrl',
  tokenurl: 'accessTokenUrl',
  refreshurl: 'refreshTokenUrl',
  discoveryurl: 'serverMetadataUrl',
  metadataurl: 'serverMetadataUrl',
  wellknown: 'serverMetadataUrl',
  userinfourl: 'userinfoEndpoint',
  userprofileurl: 'userinfoEndpoint',
  profileurl: 'userinfoEndpoint',
  key: 'clientId',
  appid: 'clientId',
  secret: 'clientSecret',
  appsecret: 'clientSecret',
  authorization: 'authorizeUrl',
  token: 'accessTokenUrl',
  issuerbaseurl: 'issuer',
  customparams: 'authorizeParams',
  authorizationparams: 'authorizeParams',
  consumerkey: 'clientId',
  consumersecret: 'clientSecret',
  clientauth: 'tokenEndpointAuthMethod',
  clientauthmethod: 'tokenEndpointAuthMethod',
  clientauthentication: 'tokenEndpointAuthMethod',
  authmethod: 'tokenEndpointAuthMethod',
  signingkey: 'privateKey',
  clientprivatekey: 'privateKey',
  par: 'requirePushedAuthorizationRequests',
  usepar: 'requirePushedAuthorizationRequests',
  jar: 'requestObjectSigningAlg',
  jarm: 'responseMode',
  dpopboundaccesstokens: 'dpop',
  mtls: 'tlsClientCertificateBoundAccessTokens',
  usemtlsendpointaliases: 'tlsClientCertificateBoundAccessTokens',
  idtokensigningalg: 'idTokenSignedResponseAlg',
  clocktolerance: 'leeway',
  clockskew: 'leeway',
  allowedtenants: 'tenants',
  noncepolicy: 'nonce',
  prompt: 'authorizeParams',
  loginhint: 'authorizeParams',
  uilocales: 'authorizeParams',
  maxage: 'authorizeParams',
  acrvalues: 'authorizeParams',
  claims: 'authorizeParams',
  authorizationdetails: 'authorizeParams',
  audience: 'authorizeParams',
  extends: 'preset',
  usepkce: 'pkce',
  scopedelimiter: 'scopeSeparator',
  data: 'json',
  payload: 'json',
  formdata: 'form',
  params: 'query',
  qs: 'query',
  searchparams: 'query',
  accesstoken: 'token',
  req: 'request',
  userid: 'userId',
  user: 'userId',
  required: 'essential',
  oneof: 'values',
};

/** Returns the known name for a synonym. */
export function synonymOf(name: string, known: readonly string[]): string | undefined {
  const plain = simplify(name);
  const meant = Object.hasOwn(synonyms, plain) ? synonyms[plain] : undefined;
  return meant !== undefined && known.includes(meant) ? meant : undefined;
}

/** Simplifies a name, so that `client_id` and `clientID` match `clientId`. */
function simplify(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase().slice(0, 64);
}

/** Returns the Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
