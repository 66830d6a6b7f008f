import type { NextApiHandler } from 'next';
import { clearSession } from '../../oauth';

const logout: NextApiHandler = async (req, res) => {
  if (req.method !== 'POST') return res.status(405).setHeader('allow', 'POST').end();
  await clearSession({ req, res });
  res.redirect(303, '/');
};

export default logout;
