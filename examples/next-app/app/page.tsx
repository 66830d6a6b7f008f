import { getSession, oauth } from '../oauth';

/** Starts a login from a form; `/login` starts one from a link. */
async function logIn() {
  'use server';
  await oauth.corp.authorizeAction();
}

export default async function Page() {
  const session = await getSession();
  if (!session) {
    // A plain <a>: Next.js would prefetch a <Link>.
    return (
      <>
        <p>You are not logged in.</p>
        <p>
          <a href="/login">Log in</a>
        </p>
        <p>
          <a href="/auth/login">Sign-in page</a>
        </p>
        <form action={logIn}>
          <button>Log in with a form</button>
        </form>
      </>
    );
  }
  const response = await oauth.corp.get('me', { token: session.token });
  return (
    <>
      <h1>{session.name}</h1>
      <p>The API responds with {response.status}:</p>
      <pre>{await response.text()}</pre>
      <form method="post" action="/logout">
        <button>Log out</button>
      </form>
    </>
  );
}
