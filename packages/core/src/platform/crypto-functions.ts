import type { Awaitable } from '../model/types.js';
import type { CryptoKey } from '../model/web-types.js';
import { concat, toBytes } from './encoding.js';
import { builtinModule, type Runtime } from './node-builtins.js';

type Bytes = Uint8Array<ArrayBuffer>;

/** A hash function by its Web Crypto name. */
export type HashName = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

/** A key of AES-256-GCM. jose accepts it, too. */
export type EncryptionKey = CryptoKey | Bytes;

/** The parameters of AES-256-GCM (NIST SP 800-38D). */
export interface EncryptionParameters {
  key: EncryptionKey;
  /** 12 bytes. */
  iv: Bytes;
  /** Authenticated, but not part of the encrypted bytes. */
  context: string;
}

/** The cryptographic functions of a runtime. Those of `node:crypto` return their results at once. */
export interface CryptoFunctions {
  digest(hash: HashName, data: string | Bytes): Awaitable<Bytes>;
  /** HMAC (RFC 2104). */
  hmac(hash: HashName, secret: string, data: string): Awaitable<Bytes>;
  /** HKDF with SHA-256 and without a salt (RFC 5869). */
  hkdf(secret: string, info: string, length: number): Awaitable<Bytes>;
  /** Derives a key with {@link hkdf}. */
  deriveKey(secret: string, info: string): Awaitable<EncryptionKey>;
  /** Encrypts bytes; the authentication tag comes last. */
  encrypt(parameters: EncryptionParameters, bytes: Bytes): Awaitable<Bytes>;
  /** Returns `undefined` for bytes that were not encrypted with these parameters. */
  decrypt(parameters: EncryptionParameters, bytes: Bytes): Awaitable<Bytes | undefined>;
}

interface Cipher {
  setAAD(bytes: Uint8Array): void;
  update(bytes: Uint8Array): Bytes;
  final(): Bytes;
}

interface Hash {
  update(data: string | Uint8Array): Hash;
  digest(): Bytes;
}

/** The part of `node:crypto` that is used. */
interface NodeCrypto {
  createHash(hash: string): Hash;
  createHmac(hash: string, secret: string): Hash;
  hkdfSync(hash: string, key: string, salt: string, info: string, length: number): ArrayBuffer;
  createCipheriv(
    cipher: string,
    key: EncryptionKey,
    iv: Bytes,
    options: object,
  ): Cipher & { getAuthTag(): Bytes };
  createDecipheriv(
    cipher: string,
    key: EncryptionKey,
    iv: Bytes,
    options: object,
  ): Cipher & { setAuthTag(tag: Bytes): void };
}

const keyBytes = 32;
const tagBytes = 16;

/**
 * Returns the fastest functions of a runtime. Web Crypto is always available, but it runs each call
 * in another thread, at fifty times the cost of a short hash.
 */
export function chooseCrypto(runtime: Runtime): CryptoFunctions {
  const node = builtinModule<NodeCrypto>('node:crypto', runtime);
  const functions = node && nodeFunctions(node);
  return functions && works(functions) ? functions : webFunctions;
}

/** Other runtimes provide a part of `node:crypto`, with functions that throw. */
function works({ digest, hmac, deriveKey, encrypt, decrypt }: CryptoFunctions): boolean {
  try {
    digest('SHA-256', '');
    hmac('SHA-256', 'secret', '');
    const key = deriveKey('secret', '') as EncryptionKey;
    const parameters = { key, iv: new Uint8Array(12), context: '' };
    const encrypted = encrypt(parameters, new Uint8Array(1)) as Bytes;
    return (decrypt(parameters, encrypted) as Bytes | undefined)?.length === 1;
  } catch {
    return false;
  }
}

const nodeNames: Readonly<Record<HashName, string>> = {
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

function nodeFunctions(node: NodeCrypto): CryptoFunctions {
  const options = { authTagLength: tagBytes };
  const hkdf = (secret: string, info: string, length: number): Bytes =>
    new Uint8Array(node.hkdfSync('sha256', secret, '', info, length));
  return {
    digest: (hash, data) => node.createHash(nodeNames[hash]).update(data).digest(),
    hmac: (hash, secret, data) => node.createHmac(nodeNames[hash], secret).update(data).digest(),
    hkdf,
    deriveKey: (secret, info) => hkdf(secret, info, keyBytes),
    encrypt({ key, iv, context }, bytes) {
      const cipher = node.createCipheriv('aes-256-gcm', key, iv, options);
      cipher.setAAD(toBytes(context));
      return concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    },
    decrypt({ key, iv, context }, bytes) {
      if (bytes.length < tagBytes) return undefined;
      const cipher = node.createDecipheriv('aes-256-gcm', key, iv, options);
      cipher.setAAD(toBytes(context));
      cipher.setAuthTag(bytes.subarray(-tagBytes));
      try {
        return concat([cipher.update(bytes.subarray(0, -tagBytes)), cipher.final()]);
      } catch {
        return undefined;
      }
    },
  };
}

const webCipher = 'AES-GCM';
const hkdfParameters = (info: string) => ({
  name: 'HKDF',
  hash: 'SHA-256',
  salt: new Uint8Array(),
  info: toBytes(info),
});
const cipherParameters = ({ iv, context }: EncryptionParameters) => ({
  name: webCipher,
  iv,
  additionalData: toBytes(context),
});

const webFunctions: CryptoFunctions = {
  async digest(hash, data) {
    const bytes = typeof data === 'string' ? toBytes(data) : data;
    return new Uint8Array(await crypto.subtle.digest(hash, bytes));
  },
  async hmac(hash, secret, data) {
    const algorithm = { name: 'HMAC', hash };
    const key = await crypto.subtle.importKey('raw', toBytes(secret), algorithm, false, ['sign']);
    return new Uint8Array(await crypto.subtle.sign('HMAC', key, toBytes(data)));
  },
  async hkdf(secret, info, length) {
    const raw = toBytes(secret);
    const material = await crypto.subtle.importKey('raw', raw, 'HKDF', false, ['deriveBits']);
    const parameters = hkdfParameters(info);
    return new Uint8Array(await crypto.subtle.deriveBits(parameters, material, 8 * length));
  },
  async deriveKey(secret, info) {
    const raw = toBytes(secret);
    const material = await crypto.subtle.importKey('raw', raw, 'HKDF', false, ['deriveKey']);
    const target = { name: webCipher, length: 8 * keyBytes };
    const uses = ['encrypt', 'decrypt'] as const;
    return await crypto.subtle.deriveKey(hkdfParameters(info), material, target, false, uses);
  },
  async encrypt(parameters, bytes) {
    const key = parameters.key as CryptoKey;
    return new Uint8Array(await crypto.subtle.encrypt(cipherParameters(parameters), key, bytes));
  },
  async decrypt(parameters, bytes) {
    const key = parameters.key as CryptoKey;
    try {
      return new Uint8Array(await crypto.subtle.decrypt(cipherParameters(parameters), key, bytes));
    } catch {
      return undefined;
    }
  },
};

let chosen: CryptoFunctions | undefined;

/** Returns the functions of this runtime. Called on use: some runtimes have none while loading. */
export function cryptoFunctions(): CryptoFunctions {
  chosen ??= chooseCrypto(globalThis as Runtime);
  return chosen;
}
