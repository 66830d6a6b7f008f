import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { extname, join } from 'node:path';

const folder = new URL('../../docs', import.meta.url).pathname;
const output = join(folder, '.vitepress/dist');

/** Builds the documentation site, as `pnpm docs:build` does, unless nothing has changed since. */
export function buildSite(): void {
  const index = join(output, 'index.html');
  if (existsSync(index) && statSync(index).mtimeMs > newest(folder)) return;
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The site could not be built:\n${stdout}${stderr}`);
}

/** The time at which a source of the site was changed last. */
function newest(path: string): number {
  const times = readdirSync(path, { withFileTypes: true }).map((entry) => {
    if (/^(?:node_modules|api|dist|cache)$/.test(entry.name)) return 0;
    const child = join(path, entry.name);
    return entry.isDirectory() ? newest(child) : statSync(child).mtimeMs;
  });
  return Math.max(0, ...times);
}

const types: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/** Serves the built site, with URLs that have no `.html`. */
export async function serveSite(): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = join(output, decodeURIComponent(pathname));
    const file = [path, `${path}.html`, join(path, 'index.html')].find(
      (one) => existsSync(one) && statSync(one).isFile(),
    );
    if (!file) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' });
    response.end(readFileSync(file));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, server };
}
