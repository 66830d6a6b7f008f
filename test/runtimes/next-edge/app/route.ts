export const runtime = 'edge';

export function GET(): Response {
  return new Response('ready');
}
