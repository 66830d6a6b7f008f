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
import { repeat, show, type Measured } from './rounds.js';

const [rounds = 15, logins = 200] = process.argv.slice(2).map(Number);
const warmUp = 400;
const agent = new Agent({ keepAlive: true });

interface Subject extends Measured {
  url: string;
  child: ChildProcess;
}

const provider = await start('login-provider', []);
const subjects: Subject[] = [];
for (const name of ['floor', 'session', 'sealed cookie']) {
  subjects.push({ name, ...(await start('login-app', [name, provider.url])), costs: [] });
}
for (const subject of subjects) await repeat(warmUp, () => logIn(subject));
for (let round = 0; round < rounds; round += 1) {
  for (const subject of subjects) {
    const before = await cpuOf(subject);
    await repeat(logins, () => logIn(subject));
    subject.costs.push(((await cpuOf(subject)) - before) / logins);
  }
}
show(subjects);
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
