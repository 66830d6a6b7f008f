/**
 * The functions of jose that few logins need; import it dynamically. jose has many modules, and loading
 * them takes as long as everything else in a first login.
 */
export {
  calculateJwkThumbprint,
  compactDecrypt,
  compactVerify,
  EncryptJWT,
  exportJWK,
  generateKeyPair,
  importJWK,
  importPKCS8,
  jwtDecrypt,
  jwtVerify,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
