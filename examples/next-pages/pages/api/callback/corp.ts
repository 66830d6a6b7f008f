import { isOAuthError } from '@oauth-registry/next';
import type { NextApiHandler } from 'next';
import { oauth, setSession } from '../../../oauth';

const callback: NextApiHandler = async (req, res) => {
  try {
    const { userinfo, access_token, token_type } = await oauth.corp.authorizeAccessToken(req, res);
    const name = userinfo?.name ?? userinfo?.sub ?? 'Somebody';
    // A cookie is small: keep of the token what you need.
    await setSession({ name, token: { access_token, token_type } }, { req, res });
    res.redirect(302, '/');
  } catch (error) {
    if (!isOAuthError(error)) throw error;
    res.setHeader('content-type', 'text/plain; charset=utf-8');
    res.status(error.statusCode).send(error.message);
  }
};

export default callback;
