/**
 * Compares the CPU time of one fully checked login on Express: ours with express-session and with
 * encrypted cookies, and a floor written by hand. Each application and the provider is a process of its
 * own; only the application's CPU counts. The subjects take turns in each round, and the ratios are
 * medians over the rounds.
 *
 * `node dist/login.js [rounds] [logins per round]`; with `LOGIN_PROFILE=directory`, the applications
 * write CPU profiles there.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { Agent, request, type IncomingHttpHeaders } from 'node:http';

const [rounds = 15, logins = 200] = process.argv.slice(2).map(Number);
const warmUp = 400;
const parallel = 16;
const agent = new Agent({ keepAlive: true });

interface Subject {
  name: string;
  url: string;
  child: ChildProcess;
  /** Microseconds per login, by round. */
  costs: number[];
}

const provider = await start('login-provider', []);
const subjects: Subject[] = [];
for (const name of ['floor', 'session', 'sealed cookie']) {
  subjects.push({ name, ...(await start('login-app', [name, provider.url])), costs: [] });
}
for (const subject of subjects) await run(subject, warmUp);
for (let round = 0; round < rounds; round += 1) {
  for (const subject of subjects) {
    const before = await cpuOf(subject);
    await run(subject, logins);
    subject.costs.push(((await cpuOf(subject)) - before) / logins);
  }
}
const [floor] = subjects;
console.table(
  subjects.map(({ name, costs }) => ({
    name,
    'µs CPU (median)': Math.round(median(costs)),
    ': floor': median(costs.map((cost, round) => cost / (floor?.costs[round] ?? 1))).toFixed(2),
  })),
);
for (const { child } of [provider, ...subjects]) child.disconnect();
agent.destroy();

async function start(file: string, args: string[]): Promise<{ url: string; child: ChildProcess }> {
  const directory = process.env['LOGIN_PROFILE'];
  const execArgv =
    directory && file === 'login-app'
      ? ['--cpu-prof', `--cpu-prof-dir=${directory}/${(args[0] ?? '').replace(' ', '-')}`]
      : [];
  const child = fork(new URL(`./${file}.js`, import.meta.url), args, { execArgv });
  child.on('exit', (code) => {
    if (code) throw new Error(`${file} ended.`);
  });
  const { url } = (await received(child)) as { url: string };
  return { url, child };
}

function received(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once('message', resolve));
}

async function cpuOf({ child }: Subject): Promise<number> {
  child.send('cpu');
  return ((await received(child)) as { cpu: number }).cpu;
}

async function run(subject: Subject, count: number): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (left-- > 0) await logIn(subject);
    }),
  );
}

async function logIn({ name, url }: Subject): Promise<void> {
  const started = await get(`${url}/login`);
  const cookie = (started.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ');
  const authorized = await get(started.headers.location ?? '');
  const finished = await get(authorized.headers.location ?? '', { cookie });
  if (finished.body !== '{"sub":"ada"}') throw new Error(`${name}: ${finished.body}`);
}

function get(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ headers: IncomingHttpHeaders; body: string }> {
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

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = sorted.slice(sorted.length % 2 === 1 ? middle : middle - 1);
  return sorted.length % 2 === 1 ? low : (low + high) / 2;
}
