import { must, type Check } from '../platform/validators.js';
import type { Limits } from './registry-options.js';

export const defaultLimits: Limits = {
  stateTtl: 600,
  pendingLogins: 20,
  pendingCookieBytes: 4700,
  formBytes: 65_536,
  accessBytes: 1_048_576,
  cachedTokens: 10_000,
  tokenBytesInMemory: 33_554_432,
  clients: 1000,
  servers: 1000,
  metadataTtl: 3600,
  jwtBytes: 16_384,
  idTokenLifetime: 31_622_400,
  idTokenAge: 86_400,
  jwksBytes: 262_144,
  jwksKeys: 100,
  jwksRefetches: 5,
  keysPerSignature: 5,
};

const positive = must(
  (v) => Number.isInteger(v) && Number(v) > 0,
  'must be a whole number above 0',
);

export const limitChecks = Object.fromEntries(
  Object.keys(defaultLimits).map((name) => [name, positive]),
) as Record<keyof Limits, Check>;
