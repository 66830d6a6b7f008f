#!/usr/bin/env node
// Here before anything is built, so that an installation of the workspace finds it.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major >= 24 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19)) {
  // Node.js warns if both are set, as soon as a module uses colors.
  if (process.env.NO_COLOR) delete process.env.FORCE_COLOR;
  await import('../dist/main.js');
} else {
  process.stderr.write(
    `oauth-registry needs Node.js 20.19, 22.12, 24 or newer; this is ${process.versions.node}.\n`,
  );
  process.exitCode = 1;
}
