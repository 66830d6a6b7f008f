#!/usr/bin/env node
// Here before anything is built, so that an installation of the workspace finds it.
await import('../dist/main.js');
