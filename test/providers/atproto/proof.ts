import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import { json } from '../../support/hosts.js';

/** The nonces of one server, and the proofs it has seen. */
export interface ProofCheck {
  nonce: string;
  readonly seen: Set<string>;
}

/** A request that proves nothing, as a server says so. */
export class Refused extends Error {
  readonly answer: Response;

  constructor(answer: Response) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

/**
 * Checks a DPoP proof as RFC 9449 §4.3 asks, with a nonce of this server, and returns the thumbprint of
 * its key. Without the nonce, the server asks for it: in its own way, or as a resource with a challenge.
 */
export async function checkProof(
  request: Request,
  check: ProofCheck,
  accessToken?: string,
): Promise<string> {
  const wrong = (error: string, status = 400): Refused =>
    new Refused(
      json(
        { error },
        {
          status: accessToken === undefined ? status : 401,
          headers: {
            'dpop-nonce': check.nonce,
            ...(accessToken === undefined ? {} : { 'www-authenticate': `DPoP error="${error}"` }),
          },
        },
      ),
    );
  const proof = request.headers.get('dpop');
  if (proof === null) throw wrong('invalid_dpop_proof');
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
    typ: 'dpop+jwt',
    algorithms: ['ES256'],
  }).catch(() => {
    throw wrong('invalid_dpop_proof');
  });
  const { jwk = {} } = protectedHeader;
  const { jti = '' } = payload;
  const { origin, pathname } = new URL(request.url);
  const ath = accessToken && createHash('sha256').update(accessToken).digest('base64url');
  const age = Math.abs(Date.now() / 1000 - (payload.iat ?? 0));
  const right =
    !('d' in jwk) &&
    payload['htm'] === request.method &&
    payload['htu'] === origin + pathname &&
    payload['ath'] === ath &&
    age < 60 &&
    jti !== '' &&
    !check.seen.has(jti);
  if (!right) throw wrong('invalid_dpop_proof');
  if (payload['nonce'] !== check.nonce) throw wrong('use_dpop_nonce');
  check.seen.add(jti);
  return await calculateJwkThumbprint(jwk);
}
