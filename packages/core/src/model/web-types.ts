/**
 * Names of the web standards that the declarations of Node.js lack, spelled so that programs compile with
 * those alone: an application on a server need not add the DOM to its `lib`.
 */
export type { CryptoKey } from 'jose';

/** What `fetch` takes as headers. */
export type HeadersInit = NonNullable<RequestInit['headers']>;

/** What `fetch` takes as a body. */
export type BodyInit = NonNullable<RequestInit['body']>;
