import { valueProblem, type Check } from './validators.js';
import type { Phase } from '../model/error-codes.js';
import { OAuthError } from '../model/errors.js';
import { memberName } from '../model/verb-groups.js';

/** A parameter of a method: its name, and its check. */
export interface Argument {
  readonly name: string;
  readonly check: Check;
  /** Whether the argument is optional. */
  readonly optional: boolean;
}

/**
 * The parameters of a method, and the phase of its errors; functions without a client have none.
 */
export interface Takes<Arguments extends readonly Argument[] = readonly Argument[]> {
  readonly phase: Phase | undefined;
  readonly args: Arguments;
}

/**
 * The parameters of every method of an interface. A missing entry or parameter is a compile error.
 */
export type ArgumentsOf<Verbs extends object> = {
  readonly [Name in keyof Verbs]-?: Verbs[Name] extends (...args: infer Given) => unknown
    ? Takes<{ readonly [Index in keyof Required<Given>]: Argument }>
    : never;
};

/** Declares a required parameter. */
export function required(name: string, check: Check): Argument {
  return { name, check, optional: false };
}

/** Declares an optional parameter. */
export function optional(name: string, check: Check): Argument {
  return { name, check, optional: true };
}

/** Declares the parameters of a method. */
export function takes<Arguments extends readonly Argument[]>(
  phase: Phase | undefined,
  ...args: Arguments
): Takes<Arguments> {
  return { phase, args };
}

/**
 * Rejects invalid and surplus arguments of a method; surplus ones would be silently ignored.
 *
 * @throws OAuthError `invalid_options`
 */
export function checkArguments(
  { verb, client }: { verb: string; client?: string },
  { phase, args }: Takes,
  given: readonly unknown[],
): void {
  let problem: string | undefined;
  for (let at = 0; at < args.length && problem === undefined; at += 1) {
    problem = argumentProblem(args[at] as Argument, given[at]);
  }
  problem ??= surplus(args, given);
  if (problem === undefined) return;
  throw new OAuthError('invalid_options', `${memberName(verb)}(): ${problem}.`, { client, phase });
}

function argumentProblem(
  { name, check, optional: mayBeLeftOut }: Argument,
  value: unknown,
): string | undefined {
  if (value === undefined) return mayBeLeftOut ? undefined : `"${name}" is missing`;
  const problem = valueProblem(value, check);
  return problem && `"${name}" ${problem}`;
}

function surplus(args: readonly Argument[], given: readonly unknown[]): string | undefined {
  if (given.length <= args.length) return undefined;
  if (given.slice(args.length).every((value) => value === undefined)) return undefined;
  const names = args.map(({ name }) => `"${name}"`).join(', ');
  return `too many arguments; it takes ${names || 'none'}`;
}

/**
 * Rejects surplus arguments of a method, which would be silently ignored.
 *
 * @throws OAuthError `invalid_options`
 */
export function checkSurplus(
  { verb, client }: { verb: string; client?: string | undefined },
  { phase, args }: Takes,
  given: readonly unknown[],
): void {
  const problem = surplus(args, given);
  if (problem === undefined) return;
  throw new OAuthError('invalid_options', `${memberName(verb)}(): ${problem}.`, { client, phase });
}

/**
 * Validates the arguments of a method; `all` contains every argument of the call, including surplus
 * ones.
 */
export function checkCall(
  call: { verb: string; client?: string },
  declared: Takes,
  { given, all = given }: { given: readonly unknown[]; all?: Iterable<unknown> | undefined },
): void {
  checkArguments(call, declared, given);
  checkSurplus(call, declared, [...all]);
}

type Verb = (...args: never[]) => unknown;

/** Converts URL objects to strings, so that later code handles strings only. */
function urlText(value: never): never {
  return ((value as unknown) instanceof URL ? String(value) : value) as never;
}

/** Wraps the methods of a client so that each validates its arguments before it runs. */
export function checkedVerbs<Verbs extends object>(
  client: string,
  table: ArgumentsOf<Verbs>,
  verbs: Verbs,
): Verbs {
  const all = Object.entries(verbs) as [keyof Verbs & string, Verb][];
  const checked = all.map(([verb, run]) => [
    verb,
    async (...args: never[]) => {
      checkArguments({ verb, client }, table[verb] as Takes, args);
      return await run(...args.map(urlText));
    },
  ]);
  return Object.fromEntries(checked) as Verbs;
}
