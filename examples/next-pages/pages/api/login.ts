import type { NextApiHandler } from 'next';
import { oauth } from '../../oauth';

const login: NextApiHandler = (req, res) =>
  oauth.corp.authorizeRedirect(req, res, '/api/callback/corp');

export default login;
