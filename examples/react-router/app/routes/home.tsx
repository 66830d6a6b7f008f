import type { ReactNode } from 'react';
import { data, useLoaderData, type LoaderFunctionArgs } from 'react-router';
import { getSession, oauth } from '../lib/oauth.server';

// The page shows data of the user.
export const headers = () => ({ 'cache-control': 'no-store' });

export const meta = () => [{ title: 'Example' }];

export async function loader({ request }: LoaderFunctionArgs) {
  const init = { headers: headers() };
  const user = await getSession(request);
  if (!user) return data(undefined, init);
  const response = await oauth.corp.get('me', { token: user.token });
  return data({ name: user.name, status: response.status, body: await response.text() }, init);
}

export default function Home(): ReactNode {
  const user = useLoaderData<typeof loader>();
  // Links to the login are no <Link>: the browser leaves the page.
  if (!user)
    return (
      <>
        <p>You are not logged in.</p>
        <a href="/login">Log in</a> <a href="/auth/login">Sign-in page</a>
      </>
    );
  return (
    <>
      <h1>{user.name}</h1>
      <p>The API responds with {user.status}:</p>
      <pre>{user.body}</pre>
      <form method="post" action="/logout">
        <button>Log out</button>
      </form>
    </>
  );
}
