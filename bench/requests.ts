/** Requests of the benchmarks' browsers. */
import { Agent, request, type IncomingHttpHeaders } from 'node:http';

/** A response that was read. */
export interface Page {
  headers: IncomingHttpHeaders;
  body: string;
}

const agent = new Agent({ keepAlive: true });

/** Sends a GET; follows no redirect. */
export function get(url: string, headers: Record<string, string> = {}): Promise<Page> {
  return new Promise((resolve, reject) => {
    request(url, { headers, agent }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (piece: string) => (body += piece));
      response.on('error', reject).on('end', () => resolve({ headers: response.headers, body }));
    })
      .on('error', reject)
      .end();
  });
}

/** Logs in at an application as a new browser. */
export async function logIn({ name, url }: { name: string; url: string }): Promise<void> {
  const started = await get(`${url}/login`);
  const cookie = (started.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ');
  const authorized = await get(started.headers.location ?? '');
  const finished = await get(authorized.headers.location ?? '', { cookie });
  if (finished.body !== '{"sub":"ada"}') throw new Error(`${name}: ${finished.body}`);
}

/** Closes the open connections, so that the process can end. */
export function closeConnections(): void {
  agent.destroy();
}
