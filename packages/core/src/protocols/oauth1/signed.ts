import type { HttpResponse } from '../../platform/http/http.js';
import type { Awaitable } from '../../model/types.js';
import type { ResponseHead } from './clock.js';
import type { OAuth1Context } from './context.js';
import { freshNonce } from './signing/nonce.js';
import type { RequestToSign } from './signing/types.js';
import { signFor, type Signer } from './client-signer.js';

/** A request to sign and send. */
export interface SignedCall extends RequestToSign {
  /** Name of the endpoint in error messages. */
  what: string;
  signal?: AbortSignal | undefined;
  timeout?: number | undefined;
}

/** A response and the nonce of its request. */
export interface SignedResponse extends HttpResponse {
  nonce: string;
}

/** Signs and sends a protocol request, and reads the whole response. */
export async function sendSigned(
  context: OAuth1Context,
  call: SignedCall,
  signer: Signer,
): Promise<SignedResponse> {
  const { what, signal } = call;
  return await withProviderTime(context, call, {
    attempt: async (timestamp) => {
      const nonce = freshNonce();
      const signed = await signFor(context, call, { ...signer, timestamp, nonce });
      return { ...(await context.http.send({ ...signed, what, signal })), nonce };
    },
    readText: ({ text }) => text,
  });
}

/** Signs and sends an API request. */
export async function sendSignedResource(
  context: OAuth1Context,
  call: SignedCall,
  signer: Signer,
): Promise<Response> {
  const { what, signal, timeout } = call;
  return await withProviderTime(context, call, {
    attempt: async (timestamp) => {
      const signed = await signFor(context, call, { ...signer, timestamp });
      return await context.http.sendResource({ ...signed, what, signal, timeout });
    },
    readText: (response) => context.http.peek(response),
    discard: (response) => void response.body?.cancel().catch(() => undefined),
  });
}

interface Tries<A> {
  attempt: (timestamp: string) => Promise<A>;
  readText: (response: A) => Awaitable<string>;
  discard?: (response: A) => void;
}

/**
 * Sends a request, and retries once with the provider's time if it rejected the timestamp. Each
 * attempt is signed again, so no nonce is reused (RFC 5849 §3.3).
 */
async function withProviderTime<A extends ResponseHead>(
  { clock }: OAuth1Context,
  { body }: SignedCall,
  { attempt, readText, discard }: Tries<A>,
): Promise<A> {
  const { offset } = clock;
  const response = await attempt(clock.timestamp());
  const learned = await clock.learn(offset, response, readText);
  // A stream can be sent only once.
  if (!learned || body instanceof ReadableStream) return response;
  discard?.(response);
  return await attempt(clock.timestamp());
}
