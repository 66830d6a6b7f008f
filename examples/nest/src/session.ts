import type { OAuth2Token } from '@oauth-registry/express';
import type { Request } from 'express';

/** Stores a login in a new session: an id that was planted before is worth nothing. */
export async function logIn(req: Request, token: OAuth2Token): Promise<void> {
  const name = token.userinfo?.name ?? token.userinfo?.sub ?? 'Somebody';
  await settled((done) => req.session.regenerate(done));
  req.session.user = { name, token };
  await settled((done) => req.session.save(done));
}

export function settled(run: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    run((error) => (error ? reject(error) : resolve()));
  });
}
