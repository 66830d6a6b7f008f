import { parseArgs } from 'node:util';
import {
  defaultPort,
  frameworkNames,
  isFramework,
  startDemo,
  type Demo,
  type Framework,
} from './demo.js';
import { isTaken } from './listen.js';

const { PORT, DATABASE_URL } = process.env;

try {
  const demo = await startDemo({
    port: readPort(PORT),
    databaseUrl: DATABASE_URL || undefined,
    framework: readFramework(),
  });
  stopOn(demo, 'SIGINT', 'SIGTERM');
  console.log(greeting(demo));
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}

function readPort(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new RangeError(`PORT is "${text}". Set it to a number from 0 to 65535.`);
}

function readFramework(): Framework | undefined {
  const { framework } = parseArgs({ options: { framework: { type: 'string' } } }).values;
  if (framework === undefined || isFramework(framework)) return framework;
  throw new RangeError(
    `--framework is "${framework}". Choose one of: ${frameworkNames.join(', ')}.`,
  );
}

function greeting({ url, port, providers }: Demo): string {
  const moved = !PORT && port !== defaultPort;
  return [
    ...(moved ? [`Port ${defaultPort} is taken; using ${port}.`] : []),
    '',
    `  Open ${url}`,
    '',
    '  and log in with one of three providers on this machine; no account is needed:',
    `    OpenID Connect   ${providers.openid}`,
    `    OAuth 2.0        ${providers.octo}`,
    `    OAuth 1.0a       ${providers.photos}`,
    '',
    '  Press Ctrl-C to stop.',
    '',
  ].join('\n');
}

/** Closes everything once, however often Ctrl-C is pressed. */
function stopOn(demo: Demo, ...signals: NodeJS.Signals[]): void {
  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    await demo.close();
    process.exit(0);
  };
  for (const signal of signals) process.on(signal, () => void stop());
}

function explain(error: unknown): string {
  if (isTaken(error)) {
    return `Port ${PORT} is taken by another program. Stop it, or choose another port: PORT=3100.`;
  }
  if (DATABASE_URL && isConnectionFailure(error)) {
    return `The database in DATABASE_URL does not answer (${error.code}). Is it running?`;
  }
  return error instanceof Error ? error.message : String(error);
}

function isConnectionFailure(error: unknown): error is { code: string } {
  const codes = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH'];
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
