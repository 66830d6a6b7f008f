import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname, join, relative, resolve } from 'node:path';
import { byName } from '@oauth-registry/core/providers';
import { checkPreset } from './client.js';
import { UsageError, type Terminal } from './output.js';
import { frameworks, prefixOf, type Framework, type Template } from './templates.js';

/** The frameworks for which `init` writes an application. */
export const frameworkNames = Object.keys(frameworks) as Framework[];

/** What `init` knows of a package.json. */
interface Manifest {
  type?: string;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/**
 * Writes a working application into an empty or existing folder. Existing files are never replaced;
 * package.json is completed.
 */
export async function init(
  given: { folder: string; framework: Framework; provider: string },
  terminal: Terminal,
): Promise<void> {
  checkPreset(given.provider);
  const folder = resolve(terminal.cwd, given.folder);
  const variables = variablesOf(given.provider);
  const names = variables.map(({ name }) => name);
  const template = frameworks[given.framework](given.provider, names);
  const { dependencies, devDependencies, isBuilt = false, port = 3000 } = template;
  const manifest = join(folder, 'package.json');
  const before = await readManifest(manifest);
  // A package of CommonJS modules remains one: only files named .mts are ES modules there.
  const isCommonJs = before !== undefined && before.type !== 'module' && !isBuilt;
  const own: Modules = isCommonJs ? inCommonJs(template) : template;
  const env = [
    '# From the settings of your application at the provider, with the redirect URI',
    `# http://localhost:${port}/callback/${given.provider}`,
    ...variables.map(({ name, value, about }) => `${name}=${value}${about ? ` # ${about}` : ''}`),
    '',
  ].join('\n');
  const taken = Object.keys(own.files).filter((file) => existsSync(join(folder, file)));
  if (taken.length > 0) {
    throw new UsageError(
      `${taken.join(', ')} exists in ${folder}. Nothing was written; choose an empty folder or rename the file.`,
    );
  }
  const all: Record<string, string> = {
    ...own.files,
    '.env.example': `${env}# npx oauth-registry secret\nSESSION_SECRET=\n`,
    '.env': `${env}SESSION_SECRET=${randomBytes(32).toString('base64url')}\n`,
    '.gitignore': `node_modules\n.env\n${isBuilt ? '.next\n.svelte-kit\nbuild\n' : ''}`,
    ...('tsconfig.json' in own.files ? {} : { 'tsconfig.json': tsconfig }),
  };
  const written: string[] = [];
  for (const [file, text] of Object.entries(all)) {
    const path = join(folder, file);
    if (existsSync(path)) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx', ...(file === '.env' ? { mode: 0o600 } : {}) });
    written.push(file);
  }
  const after = {
    ...(before ?? { name: 'app', private: true, type: 'module' }),
    scripts: { ...own.scripts, ...before?.scripts },
    dependencies: { ...dependencies, ...before?.dependencies },
    devDependencies: { ...devDependencies, ...before?.devDependencies },
  };
  await writeFile(manifest, `${JSON.stringify(after, undefined, 2)}\n`);
  written.push('package.json');
  for (const file of written) terminal.say(`${terminal.colors.green('wrote')} ${file}`);
  if (!written.includes('.gitignore') && !(await ignoresEnv(folder)))
    terminal.say(terminal.colors.yellow('Add ".env" to .gitignore: it will contain secrets.'));
  const isOurs = after.scripts['dev'] === own.scripts['dev'];
  const place = relative(terminal.cwd, folder);
  const steps = [
    ...(place === '' ? [] : [`cd ${place}`]),
    'npm install',
    written.includes('.env')
      ? `# set ${names.join(', ')} in .env`
      : `# add ${[...names, 'SESSION_SECRET'].join(', ')} to .env; .env.example has them`,
    isOurs ? 'npm run dev' : `npx ${own.scripts['dev'] ?? ''}`,
    `# open http://localhost:${port}/login`,
  ];
  if (terminal.json) {
    terminal.result(JSON.stringify({ folder, written, next: steps }, undefined, 2));
    return;
  }
  terminal.say('\nNext:');
  terminal.result(steps.join('\n'));
}

const tsconfig = `${JSON.stringify({ compilerOptions: { target: 'es2023', module: 'nodenext', strict: true, skipLibCheck: true, types: ['node'] } }, undefined, 2)}\n`;

type Modules = Pick<Template, 'files' | 'scripts'>;

/** The files and scripts of an application beside CommonJS modules. */
function inCommonJs({ files, scripts }: Modules): Modules {
  return {
    files: Object.fromEntries(
      Object.entries(files).map(([file, text]) => [
        file.replace(/\.ts$/, '.mts'),
        text.replaceAll("'./oauth.js'", "'./oauth.mjs'"),
      ]),
    ),
    scripts: Object.fromEntries(
      Object.entries(scripts).map(([name, text]) => [name, text.replace('app.ts', 'app.mts')]),
    ),
  };
}

/** The variables of the environment that a preset needs. */
function variablesOf(provider: string): { name: string; value: string; about: string }[] {
  const prefix = prefixOf(provider);
  const { openid2Endpoint, urlVariables = {} } = byName(provider)();
  const credentials = openid2Endpoint ? [] : ['CLIENT_ID', 'CLIENT_SECRET'];
  return [
    ...credentials.map((suffix) => ({ name: `${prefix}_${suffix}`, value: '', about: '' })),
    ...Object.entries(urlVariables).map(([name, variable]) => ({
      name: `${prefix}_${name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`,
      value: variable.default ?? '',
      about: variable.ask ?? '',
    })),
  ];
}

async function ignoresEnv(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, '.gitignore'), 'utf8');
  return /^\/?\.env\*?\s*$/m.test(text);
}

/** Reads the package.json of an existing folder, before anything is written. */
async function readManifest(path: string): Promise<Manifest | undefined> {
  if (!existsSync(path)) return undefined;
  try {
    return Object(JSON.parse(await readFile(path, 'utf8'))) as Manifest;
  } catch (error) {
    throw new UsageError(`${path} is not JSON. Nothing was written; correct it first.`, {
      cause: error,
    });
  }
}
