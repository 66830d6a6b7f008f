import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname, join, relative, resolve } from 'node:path';
import { byName } from '@oauth-registry/core/providers';
import { checkPreset } from './client.js';
import { UsageError, type Terminal } from './output.js';
import { setupOf } from './setup.js';
import { frameworks, ports, type Framework, type Template } from './templates.js';

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
  // An alias is replaced by the name of its preset.
  const { provider = given.provider } = byName(given.provider)();
  const folder = resolve(terminal.cwd, given.folder);
  const { variables, origin, notes } = setupOf(provider, ports[given.framework]);
  const names = variables.map(({ name }) => name);
  const template = at(origin, frameworks[given.framework](provider, names));
  const { dependencies, devDependencies, isBuilt = false } = template;
  const manifest = join(folder, 'package.json');
  const before = await readManifest(manifest);
  // A package of CommonJS modules remains one: only files named .mts are ES modules there.
  const isCommonJs = before !== undefined && before.type !== 'module' && !isBuilt;
  if (given.framework === 'sveltekit' && before && before.type !== 'module') {
    throw new UsageError(
      `SvelteKit needs "type": "module" in ${manifest}. Nothing was written; add it, or choose an empty folder.`,
    );
  }
  const own: Modules = isCommonJs ? inCommonJs(template) : template;
  const env = [
    ...notes.map((note) => `# ${note}`),
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
  const missing = variables.filter(
    ({ value, about }) => value === '' && !about.startsWith('optional'),
  );
  const isOurs = after.scripts['dev'] === own.scripts['dev'];
  const place = relative(terminal.cwd, folder);
  const steps = [
    ...(place === '' ? [] : [`cd ${place}`]),
    'npm install',
    written.includes('.env')
      ? missing.length > 0 && `# set ${missing.map(({ name }) => name).join(', ')} in .env`
      : `# add ${[...names, 'SESSION_SECRET'].join(', ')} to .env; .env.example has them`,
    isOurs ? 'npm run dev' : `npx ${own.scripts['dev'] ?? ''}`,
    `# open ${origin}/login`,
  ].filter((step) => step !== false);
  for (const note of notes) terminal.say(note);
  if (terminal.json) {
    terminal.result(JSON.stringify({ folder, written, next: steps }, undefined, 2));
    return;
  }
  terminal.say('\nNext:');
  terminal.result(steps.join('\n'));
}

const tsconfig = `${JSON.stringify({ compilerOptions: { target: 'es2023', module: 'nodenext', strict: true, skipLibCheck: true, types: ['node'] } }, undefined, 2)}\n`;

/** An application that is opened at another origin than http://localhost. */
function at(origin: string, template: Template): Template {
  const { hostname } = new URL(origin);
  if (hostname === 'localhost') return template;
  return {
    ...template,
    files: replaced(template.files, '//localhost', `//${hostname}`),
    // Vite listens on localhost, which may be the IPv6 address alone.
    scripts: replaced(template.scripts, 'vite dev', `vite dev --host ${hostname}`),
  };
}

function replaced(texts: Record<string, string>, from: string, to: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, text.replaceAll(from, to)]),
  );
}

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
