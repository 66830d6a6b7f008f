// Compares what each entry point of the packages declares with the reports in `api/`. `--update`
// writes the reports. Needs `pnpm build`.
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const update = process.argv.includes('--update');
const folder = join(root, 'api');
mkdirSync(folder, { recursive: true });

/** The declarations of a package's entry points, before they are bundled; stores are one each. */
function entriesOf(name) {
  const path = join(root, 'packages', name, 'package.json');
  const { exports } = JSON.parse(readFileSync(path, 'utf8'));
  const stores = readdirSync(join(root, 'packages/core/src/stores')).map((file) =>
    file.replace(/\.ts$/, ''),
  );
  return Object.entries(exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([entry, { types }]) => [entry, types.replace('/dist/', '/build/')])
    .flatMap(([entry, types]) =>
      entry.includes('*')
        ? stores.map((store) => [entry.replace('*', store), types.replace('*', store)])
        : [[entry, types]],
    );
}

let changed = 0;
const reported = new Set();
for (const name of ['core', 'express', 'fastify', 'next', 'web']) {
  for (const [entry, types] of entriesOf(name)) {
    const projectFolder = join(root, 'packages', name);
    const report = [name, ...entry.split('/').slice(1)].join('-');
    const config = ExtractorConfig.prepare({
      configObject: {
        projectFolder,
        mainEntryPointFilePath: join(projectFolder, types),
        compiler: {
          overrideTsconfig: {
            compilerOptions: {
              strict: true,
              target: 'es2022',
              module: 'nodenext',
              moduleResolution: 'nodenext',
              lib: ['es2022', 'dom', 'dom.iterable'],
              types: ['node'],
              skipLibCheck: true,
            },
            include: [join(projectFolder, types)],
          },
        },
        apiReport: {
          enabled: true,
          // The base classes and option types that an entry uses without exporting them.
          includeForgottenExports: true,
          reportFileName: `${report}.api.md`,
          reportFolder: folder,
          reportTempFolder: join(tmpdir(), 'oauth-registry-api'),
        },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
        newlineKind: 'lf',
        messages: {
          extractorMessageReporting: { default: { logLevel: 'none' } },
          tsdocMessageReporting: { default: { logLevel: 'none' } },
        },
      },
      configObjectFullPath: undefined,
      packageJsonFullPath: join(projectFolder, 'package.json'),
    });
    const result = Extractor.invoke(config, {
      localBuild: update,
      messageCallback: (message) => {
        message.handled = true;
        if (message.logLevel === ExtractorLogLevel.Error) console.error(message.text);
      },
    });
    reported.add(`${report}.api.md`);
    if (!result.apiReportChanged) continue;
    changed += 1;
    console.log(`${update ? 'Wrote' : 'Differs from'} api/${report}.api.md`);
  }
}
for (const file of readdirSync(folder).filter((one) => !reported.has(one))) {
  changed += 1;
  if (update) rmSync(join(folder, file));
  console.log(`${update ? 'Removed' : 'No entry point has'} api/${file}`);
}
if (changed > 0 && !update) {
  console.error('The public API has changed. If that is intended, run `pnpm api --update`.');
  process.exitCode = 1;
}
