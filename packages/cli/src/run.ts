import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { isCancel, select, text as ask } from '@clack/prompts';
import { isOAuthError } from '@oauth-registry/core';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { completion, shells } from './completion.js';
import { doctor } from './doctor.js';
import { frameworkNames, init } from './init.js';
import { login } from './login.js';
import { printable, UsageError, type Terminal } from './output.js';
import { providers } from './providers.js';
import type { Framework } from './templates.js';
import { changeToken, type TokenAction } from './token.js';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/**
 * Runs a command. Returns the exit code: 0, 1 for a failure or a finding, 2 for invalid arguments.
 */
export async function run(args: readonly string[], given: Terminal): Promise<number> {
  const terminal: Terminal = {
    ...given,
    json: args.includes('--json'),
    result: (line) => given.result(printable(line)),
    say: (line) => given.say(printable(line)),
  };
  let code = 0;
  const program = create(terminal, (result) => (code = result));
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    terminal.say(terminal.colors.red(messageOf(error)));
    return error instanceof UsageError ? 2 : 1;
  }
}

function messageOf(error: unknown): string {
  if (isOAuthError(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

function create(terminal: Terminal, setCode: (code: number) => void): Command {
  const { colors } = terminal;
  const program = new Command('oauth-registry')
    .description('Log in at any OAuth provider, check a configuration, start an application.')
    .version(version, '-v, --version')
    .option('--json', 'print results as JSON')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (line) => terminal.result(line.trimEnd()),
      writeErr: (line) => terminal.say(line.trimEnd()),
      outputError: (line, write) => write(colors.red(line)),
      getOutHasColors: () => colors.isColorSupported,
      getErrHasColors: () => colors.isColorSupported,
    })
    .configureHelp({
      styleTitle: (title) => colors.bold(title),
      styleCommandText: (name) => colors.cyan(name),
      styleSubcommandText: (name) => colors.cyan(name),
      styleOptionText: (name) => colors.cyan(name),
    })
    .addHelpText(
      'after',
      `
Results are on stdout, everything else on stderr.
Exit codes: 0, 1 for a failure or a finding, 2 for invalid arguments.
Documentation: https://oauth-registry.github.io/oauth-registry/cli`,
    );
  addLogin(program, terminal);
  addDoctor(program, terminal, setCode);
  addInit(program, terminal);
  program
    .command('providers')
    .description('list the presets')
    .argument('[search...]', 'words of a name or a protocol')
    .action((words: string[]) => setCode(providers(words.join(' '), terminal)));
  addToken(program, terminal);
  program
    .command('secret')
    .description('print a new secret for sessions and stored tokens')
    .action(() => {
      const secret = randomBytes(32).toString('base64url');
      terminal.result(terminal.json ? JSON.stringify({ secret }) : secret);
    });
  program
    .command('completion')
    .description('print a script that completes commands in a shell')
    .addArgument(program.createArgument('<shell>').choices(shells))
    .addHelpText('after', '\nFor example: oauth-registry completion bash >> ~/.bashrc')
    .action((shell: (typeof shells)[number]) => terminal.result(completion(shell, program)));
  for (const command of program.commands) command.option('--json', 'print results as JSON');
  return program;
}

const port = (value: string): number => {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
};

const setting = (value: string, all: Record<string, string>): Record<string, string> => {
  const [, name, text] = /^(\w+)=(.+)$/s.exec(value) ?? [];
  if (name === undefined || text === undefined)
    throw new InvalidArgumentError('It must be name=value, such as responseMode=form_post.');
  return { ...all, [name]: text };
};

function addLogin(program: Command, terminal: Terminal): void {
  program
    .command('login')
    .description('log in at a provider and store the token in a file')
    .argument('<provider>', 'the name of a preset, or the URL of an issuer')
    .option(
      '--client-id <id>',
      'default: {NAME}_CLIENT_ID of the environment; for an issuer, CLI_CLIENT_ID',
    )
    .option(
      '--client-secret <secret>',
      'better {NAME}_CLIENT_SECRET: other users can see arguments',
    )
    .option('--scope <scope>', 'the scope to request; for an issuer, "openid profile email"')
    .option(
      '--set <name=value>',
      'another option, or a URL variable of a preset; repeatable',
      setting,
      {},
    )
    .option('--device', 'log in on another device (RFC 8628)', false)
    .option('--port <port>', 'listen on this port of 127.0.0.1; default: any', port, 0)
    .option('--out <file>', 'store the token there; default: below the configuration folder')
    .action(async (target: string, options) => login({ target, ...options }, terminal));
}

function addDoctor(program: Command, terminal: Terminal, setCode: (code: number) => void): void {
  program
    .command('doctor')
    .description('check every client of a registry against its provider')
    .argument('[file]', 'the module that exports the registry; default: oauth.ts, src/oauth.ts …')
    .option('--callback <path>', 'path of callbacks below the "baseUrl"; default: callback/{name}')
    .action(async (file: string | undefined, options: { callback?: string }) =>
      setCode(await doctor({ file, ...options }, terminal)),
    );
}

function addInit(program: Command, terminal: Terminal): void {
  program
    .command('init')
    .description('write a working application')
    .argument('[folder]', 'an empty or an existing folder', '.')
    .addOption(new Option('--framework <name>', 'the framework').choices(frameworkNames))
    .option('--provider <preset>', 'the provider')
    .action(async (folder: string, options: { framework?: Framework; provider?: string }) => {
      const framework = options.framework ?? (await chooseFramework(terminal));
      const provider = options.provider ?? (await askProvider(terminal));
      await init({ folder, framework, provider }, terminal);
    });
}

async function chooseFramework({ interactive }: Terminal): Promise<Framework> {
  if (!interactive) throw new UsageError(`Pass --framework: ${frameworkNames.join(', ')}.`);
  const options = frameworkNames.map((value) => ({ value, label: value }));
  const chosen = await select({ message: 'Which framework?', options });
  if (isCancel(chosen)) throw new UsageError('Nothing was written.');
  return chosen as Framework;
}

async function askProvider({ interactive }: Terminal): Promise<string> {
  if (!interactive) throw new UsageError('Pass --provider, the name of a preset such as github.');
  const given = await ask({
    message: 'Which provider?',
    placeholder: 'github',
    defaultValue: 'github',
  });
  if (isCancel(given)) throw new UsageError('Nothing was written.');
  return String(given);
}

function addToken(program: Command, terminal: Terminal): void {
  program
    .command('token')
    .description('inspect, refresh or revoke a token that "login" stored')
    .addArgument(
      program.createArgument('<action>', 'what to do').choices(['inspect', 'refresh', 'revoke']),
    )
    .argument('<provider>', 'as for "login"')
    .option('--file <file>', 'the file that "login --out" wrote')
    .option('--client-secret <secret>', 'better {NAME}_CLIENT_SECRET of the environment')
    .action(async (action: TokenAction, target: string, options) =>
      changeToken(action, { target, ...options }, terminal),
    );
}
