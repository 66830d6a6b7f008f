/**
 * Web standard types missing from the declarations of Node.js, spelled so that programs compile
 * with those alone: a server application need not add the DOM to its `lib`.
 */
export type { CryptoKey } from 'jose';

/** The type of `fetch` headers. */
export type HeadersInit = NonNullable<RequestInit['headers']>;

/** The type of a `fetch` body. */
export type BodyInit = NonNullable<RequestInit['body']>;
