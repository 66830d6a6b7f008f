import { appOf } from '../../../../registry.js';

/** A form whose Server Action starts a login. */
export default async function Page({ params }) {
  const { id, client } = await params;
  async function logIn() {
    'use server';
    await appOf(id).oauth.createClient(client).authorizeAction();
  }
  return (
    <form action={logIn}>
      <button>Log in</button>
    </form>
  );
}
