import { explained, session, toStart } from '../../demo';

export const POST = (_request: Request) =>
  explained(async () => {
    await session().clearSession();
    return toStart();
  });
