import { appOptions, explained, findClient, session, toStart } from '../../../demo';

interface Context {
  params: Promise<{ client: string }>;
}

export const GET = (request: Request, { params }: Context) =>
  explained(async () => {
    const client = findClient((await params).client);
    const { userinfo, id_token: _, ...token } = await client.authorizeAccessToken(request);
    const profile = userinfo ?? (await client.userinfo({ token }));
    const user = await appOptions().users.signIn(client.name, profile);
    await session().setSession({ userId: user.id, client: client.name, token });
    return toStart();
  });
