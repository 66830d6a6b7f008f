import { isObject } from '../platform/encoding.js';
import type { TokenResponseShape } from './types.js';
import { asText, readPath } from '../platform/paths.js';

type Body = Record<string, unknown>;

/** Converts a non-standard token response to the form of RFC 6749 §5.1. */
export function reshapeToken(body: Body, shape: TokenResponseShape = {}): Body {
  const inner = shape.path === undefined ? undefined : readPath(body, shape.path);
  const named = rename({ ...body, ...(isObject(inner) ? inner : {}) }, shape.rename);
  return {
    ...named,
    ...readLifetime(named['expires_in'], shape),
    ...splitScope(named['scope'], shape.scopeSeparator),
    ...(shape.tokenType === undefined ? {} : { token_type: shape.tokenType }),
  };
}

function rename(body: Body, names: Record<string, string> = {}): Body {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => {
      const standard = Object.hasOwn(names, name) ? names[name] : undefined;
      return [standard ?? name, value];
    }),
  );
}

function readLifetime(value: unknown, { expiresUnit, zeroIsNever }: TokenResponseShape): Body {
  const text = asText(value);
  if (text === undefined) return {};
  const seconds = Number(text) / (expiresUnit === 'ms' ? 1000 : 1);
  if (zeroIsNever && seconds === 0) return { expires_in: null };
  return expiresUnit === 'ms' && !Number.isNaN(seconds) ? { expires_in: seconds } : {};
}

function splitScope(scope: unknown, separator: string | undefined): Body {
  if (separator === undefined || typeof scope !== 'string') return {};
  return {
    scope: scope
      .split(separator)
      .map((name) => name.trim())
      .join(' '),
  };
}
