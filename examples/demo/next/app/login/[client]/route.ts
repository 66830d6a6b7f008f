import { explained, findClient } from '../../../demo';

interface Context {
  params: Promise<{ client: string }>;
}

export const GET = (request: Request, { params }: Context) =>
  explained(async () => findClient((await params).client).authorizeRedirect(request));
