#!/usr/bin/env node
// Here before anything is built, so that an installation of the workspace finds it.
// Node.js warns if both are set, as soon as a module uses colors.
if (process.env.NO_COLOR) delete process.env.FORCE_COLOR;
await import('../dist/main.js');
