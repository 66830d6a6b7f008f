export { signRequest } from './sign-request.js';
export type {
  RequestToSign,
  SignedRequest,
  SigningCredentials,
  SignOptions,
} from './sign-types.js';
export type { SignatureType } from './placement.js';
export type {
  RsaKey,
  SignatureFunction,
  SignatureMethod,
  SignatureMethods,
  SigningKey,
} from '../options/register-options.js';
