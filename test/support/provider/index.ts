export { startProvider, type FakeProvider, type ProviderOptions } from './server.js';
export type { JsonObject, ProviderResponse, ProviderResponseBody } from './response.js';
export type { Override, Quirks } from './quirks.js';
export type { Endpoint, ProviderRequest } from './log.js';
export type { IdTokenHook, IdTokenInput } from './world.js';
export type { ClientAuthMethod, Settings } from './settings.js';
export { faults, type Fault } from './faults.js';
export { tokenQuirks, type TokenQuirk } from './token-quirks.js';
export { callbackQuirks, type CallbackQuirk } from './callback-quirks.js';
export {
  jwksQuirks,
  metadataQuirks,
  userinfoQuirks,
  type JwksQuirk,
  type MetadataQuirk,
  type UserinfoQuirk,
} from './openid-quirks.js';
export {
  credentialQuirks,
  oauth1CallbackQuirks,
  type CredentialQuirk,
  type OAuth1CallbackQuirk,
} from './oauth1-quirks.js';
export {
  assertionQuirks,
  checkQuirks,
  openid2CallbackQuirks,
  type AssertionInput,
  type AssertionQuirk,
  type CheckQuirk,
  type OpenID2CallbackQuirk,
} from './openid2-quirks.js';
export type { OpenID2Endpoints } from './openid2.js';
export { leftHalfHash, base64url, signJws, type SigningKey } from './jws.js';
export { attackerKey, ecKey, encryptionKey, rsaKey, smallKey, type TestKey } from './keys.js';
export {
  scriptedProvider,
  type Script,
  type ScriptedProvider,
  type ScriptedRequest,
} from '../scripted.js';
