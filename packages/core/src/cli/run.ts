import { parseArgs } from 'node:util';
import { isOAuthError } from '../model/errors.js';
import { doctor } from './doctor.js';
import { login } from './login.js';
import { defaultCallback } from './callback-url.js';
import { printable, type Terminal } from './output.js';

const usage = `oauth-registry login <issuer URL | preset> [options]
  --client-id <id>          else {NAME}_CLIENT_ID of the environment; for an issuer, CLI_CLIENT_ID
  --client-secret <secret>  better {NAME}_CLIENT_SECRET: other users can see arguments
  --scope <scope>           the scope to request; for an issuer, "openid profile email"
  --set <name>=<value>      another option, or a URL variable of a preset; repeatable
  --device                  log in on another device (RFC 8628)
  --port <port>             listen on this port of 127.0.0.1; default: any
  --out <file>              store the token there; default: below the configuration folder

oauth-registry doctor <registry file> [options]
  checks every client of a module that exports its registry as "oauth" or as its default
  --callback <path>         path of callbacks below the "baseUrl"; default: callback/{name}`;

const options = {
  'client-id': { type: 'string' },
  'client-secret': { type: 'string' },
  scope: { type: 'string' },
  set: { type: 'string', multiple: true },
  callback: { type: 'string', default: defaultCallback },
  device: { type: 'boolean', default: false },
  port: { type: 'string', default: '0' },
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/**
 * Runs a command. Returns the exit code: 0, 1 for a failure or a finding, 2 for invalid arguments.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const safe: Terminal = { ...terminal, print: (text) => terminal.print(printable(text)) };
  try {
    return await dispatch(args, safe);
  } catch (error) {
    safe.print(isOAuthError(error) ? `${error.code}: ${error.message}` : String(error));
    return isUsageError(error) ? 2 : 1;
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [command, target, ...more] = positionals;
  if (values.help) {
    terminal.print(usage);
    return 0;
  }
  const port = Number(values.port);
  const complete = target !== undefined && more.length === 0;
  if (command === 'doctor' && complete) return await doctor(target, terminal, values.callback);
  if (command !== 'login' || !complete || !Number.isInteger(port) || port < 0 || port > 65_535) {
    terminal.print(usage);
    return 2;
  }
  const { 'client-id': clientId, 'client-secret': clientSecret, scope, set, device, out } = values;
  await login({ target, clientId, clientSecret, scope, set, device, port, out }, terminal);
  return 0;
}

function isUsageError(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  );
}
