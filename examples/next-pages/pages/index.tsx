import type { GetServerSideProps } from 'next';
import { getSession, oauth } from '../oauth';

interface Props {
  user: { name: string; status: number; body: string } | null;
}

export const getServerSideProps: GetServerSideProps<Props> = async ({ req, res }) => {
  res.setHeader('cache-control', 'private, no-store');
  const session = await getSession({ req });
  if (!session) return { props: { user: null } };
  const { name, token } = session;
  const response = await oauth.corp.get('me', { token });
  return { props: { user: { name, status: response.status, body: await response.text() } } };
};

export default function Page({ user }: Props) {
  if (!user) {
    // A plain <a>: Next.js would prefetch a <Link>.
    return (
      <>
        <p>You are not logged in.</p>
        <a href="/api/login">Log in</a>
      </>
    );
  }
  return (
    <>
      <h1>{user.name}</h1>
      <p>The API responds with {user.status}:</p>
      <pre>{user.body}</pre>
      <form method="post" action="/api/logout">
        <button>Log out</button>
      </form>
    </>
  );
}
