import { responseOf } from '../../../../contract/options.js';
import { appOf } from '../../../../registry.js';

const verbs = {
  authorizeAction: ({ oauth }) => oauth.createClient('openid').authorizeAction(),
  setSession: ({ session }) => session.setSession({ word: 'kept' }),
  clearSession: ({ session }) => session.clearSession(),
  get: ({ oauth }) => oauth.createClient('plain').get('me'),
  getSession: ({ session }) => session.getSession(),
};

/** Does while rendering what may not be possible there, and shows what came of it. */
export default async function Page({ params }) {
  const { id, verb } = await params;
  try {
    await verbs[verb](appOf(id));
    return <p>Nothing failed.</p>;
  } catch (error) {
    const { code, message } = responseOf(error).body;
    return <p>{`${code}: ${message}`}</p>;
  }
}
