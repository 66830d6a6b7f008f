import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname, join, relative, resolve } from 'node:path';
import { checkPreset } from './client.js';
import { UsageError, type Terminal } from './output.js';
import { frameworks, type Framework } from './templates.js';

/** The frameworks for which `init` writes an application. */
export const frameworkNames = Object.keys(frameworks) as Framework[];

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
  const { files, dependencies, devDependencies, start, scripts } = frameworks[given.framework](
    given.provider,
  );
  const prefix = given.provider.toUpperCase();
  const env = [
    `# From the settings of your application at the provider, with the redirect URI`,
    `# http://localhost:3000/callback/${given.provider}`,
    `${prefix}_CLIENT_ID=`,
    `${prefix}_CLIENT_SECRET=`,
    '',
  ].join('\n');
  const all: Record<string, string> = {
    ...files,
    '.env.example': `${env}# npx oauth-registry secret\nSESSION_SECRET=\n`,
    '.env': `${env}SESSION_SECRET=${randomBytes(32).toString('base64url')}\n`,
    '.gitignore': 'node_modules\n.env\n',
    'tsconfig.json': `${JSON.stringify({ compilerOptions: { target: 'es2023', module: 'nodenext', strict: true, skipLibCheck: true, types: ['node'] } }, undefined, 2)}\n`,
  };
  const taken = Object.keys(files).filter((file) => existsSync(join(folder, file)));
  if (taken.length > 0) {
    throw new UsageError(
      `${taken.join(', ')} exists in ${folder}. Nothing was written; choose an empty folder or rename the file.`,
    );
  }
  const manifest = join(folder, 'package.json');
  const before = await readManifest(manifest);
  for (const [file, text] of Object.entries(all)) {
    const path = join(folder, file);
    if (existsSync(path)) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx', ...(file === '.env' ? { mode: 0o600 } : {}) });
    terminal.say(`${terminal.colors.green('wrote')} ${file}`);
  }
  const after = {
    ...before,
    type: 'module',
    scripts: { ...scripts, ...(before as { scripts?: object }).scripts },
    dependencies: { ...dependencies, ...(before as { dependencies?: object }).dependencies },
    devDependencies: {
      ...devDependencies,
      ...(before as { devDependencies?: object }).devDependencies,
    },
  };
  await writeFile(manifest, `${JSON.stringify(after, undefined, 2)}\n`);
  terminal.say(`${terminal.colors.green('wrote')} package.json`);
  const place = relative(terminal.cwd, folder);
  terminal.say('\nNext:');
  const steps = [
    ...(place === '' ? [] : [`cd ${place}`]),
    'npm install',
    `# set ${prefix}_CLIENT_ID and ${prefix}_CLIENT_SECRET in .env`,
    start,
    '# open http://localhost:3000/login',
  ];
  terminal.result(steps.join('\n'));
}

/** Reads the package.json of an existing folder, before anything is written. */
async function readManifest(path: string): Promise<Record<string, object | string | boolean>> {
  if (!existsSync(path)) return { name: 'app', private: true };
  try {
    return Object(JSON.parse(await readFile(path, 'utf8'))) as Record<string, object>;
  } catch (error) {
    throw new UsageError(`${path} is not JSON. Nothing was written; correct it first.`, {
      cause: error,
    });
  }
}
