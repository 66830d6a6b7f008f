import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that is open before its handler exists, because handlers need to know their own address. */
export interface OpenServer {
  port: number;
  origin: string;
  serve(handler: RequestListener): void;
  close(): Promise<void>;
}

/** Opens a port of this machine, or the next free one after it. Port 0 takes any. */
export async function openNextFree(host: string, port: number): Promise<OpenServer> {
  try {
    return await openPort(host, port);
  } catch (error) {
    if (!isTaken(error) || port >= 65_535) throw error;
    return openNextFree(host, port + 1);
  }
}

/** Opens exactly this port of this machine. */
export async function openPort(host: string, port: number): Promise<OpenServer> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host, port }, resolve);
  });
  const actual = (server.address() as AddressInfo).port;
  return {
    port: actual,
    origin: `http://${host}:${actual}`,
    serve: (handler) => void server.on('request', handler),
    close: () => close(server),
  };
}

/** Tells whether a port could not be opened because another program has it. */
export function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
