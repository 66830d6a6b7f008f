/**
 * Mutation tests: changes one condition, operator or block of a security-relevant module at a time and expects that a
 * test fails. `pnpm mutation AREA` tests one area, and without a name all of them; `--mutate GLOB` and
 * `--tests GLOB` select files.
 *
 * Runs in a copy of the repository. Reports are written to `reports/mutation/`. Mutants of constants are left out: they
 * would need all modules loaded again for each.
 */
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';

const core = 'packages/core/src';
const oauth2 = `${core}/protocols/oauth2`;

/** The mutated modules, and the tests that are expected to fail. */
const areas = {
  jwt: {
    mutate: [`${core}/platform/jwt/*.ts`, `${oauth2}/jwt/*.ts`],
    tests: [`${core}/platform/jwt/*.test.ts`, `${oauth2}/{jwt,openid}/*.test.ts`],
  },
  callback: {
    mutate: [
      `${core}/client/{login,callback-request}.ts`,
      `${oauth2}/authorization/{response,jarm}.ts`,
    ],
    tests: [
      `${core}/client/{login,callback-request}.test.ts`,
      `${oauth2}/authorization/*.test.ts`,
      'test/client/{callback,form-post,login-steps}.test.ts',
      'test/options/surplus.test.ts',
      'test/protocols/oauth2/authorization/{front-channel-params,response-types,signed-responses}.test.ts',
      'test/protocols/oauth2/openid/unasked-id-token.test.ts',
      'test/protocols/oauth2/token/own-members.test.ts',
      'test/quirks/quirks.test.ts',
      'test/routes/{one-handler,slow-store,twice}.test.ts',
    ],
  },
  openid: {
    mutate: [`${oauth2}/openid/*.ts`],
    tests: [
      `${oauth2}/openid/*.test.ts`,
      'test/protocols/oauth2/openid/{claim-sources,encryption,id-token-vectors,thin-id-token,unasked-id-token,userinfo}.test.ts',
    ],
  },
  'login-state': {
    mutate: [`${core}/client/login-state/*.ts`],
    tests: [
      `${core}/client/login-state/*.test.ts`,
      'test/client/login-state/{planted-cookies,state,state-storage}.test.ts',
    ],
  },
  tokens: {
    mutate: [`${core}/client/tokens/*.ts`],
    tests: [
      `${core}/client/tokens/*.test.ts`,
      'test/client/tokens/{closed-session,interrupted-refresh,second-login,store-faults}.test.ts',
    ],
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mutate: { type: 'string', multiple: true },
    tests: { type: 'string', multiple: true },
  },
});
const unknown = positionals.find((name) => !Object.hasOwn(areas, name));
if (unknown !== undefined) {
  throw new Error(`"${unknown}" is not one of ${Object.keys(areas).join(', ')}.`);
}
for (const name of positionals.length > 0 ? positionals : Object.keys(areas)) {
  const { mutate, tests } = areas[name];
  await new Stryker({
    mutate: [...(values.mutate ?? mutate), '!**/*.test.ts'],
    testFiles: values.tests ?? tests,
    // Messages and names of options are not worth a test each.
    mutator: { excludedMutations: ['StringLiteral'] },
    ignoreStatic: true,
    plugins: [import.meta.resolve('@stryker-mutator/vitest-runner')],
    testRunner: 'vitest',
    vitest: { configFile: 'vitest.mutation.config.ts', related: false },
    coverageAnalysis: 'perTest',
    concurrency: 1,
    // A busy machine is no failure.
    timeoutMS: 20_000,
    dryRunTimeoutMinutes: 15,
    ignorePatterns: ['dist', '.next', '/api', '/bench', '/docs', '/examples', '/reports'],
    reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    htmlReporter: { fileName: `reports/mutation/${name}.html` },
    jsonReporter: { fileName: `reports/mutation/${name}.json` },
    thresholds: { high: 100, low: 90, break: 90 },
  }).runMutationTest();
}
