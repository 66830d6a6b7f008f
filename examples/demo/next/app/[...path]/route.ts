import { errorPage } from '../../../dist/page.js';
import { send } from '../../demo';

export const GET = (_request: Request) =>
  send(errorPage({ code: 'not_found', message: 'No route has this address.' }), 404);
