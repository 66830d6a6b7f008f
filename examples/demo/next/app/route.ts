import { loginPage, profilePage } from '../../dist/page.js';
import { callApi } from '../../dist/services.js';
import { appOptions, explained, findClient, send, session } from '../demo';

export const GET = (_request: Request) =>
  explained(async () => {
    const { users } = appOptions();
    const login = await session().getSession();
    const user = login && (await users.find(login.userId));
    if (!login || !user) return send(loginPage());
    const answer = await callApi(findClient(login.client), login.token);
    return send(profilePage({ ...login, user, answer, people: await users.list() }));
  });
