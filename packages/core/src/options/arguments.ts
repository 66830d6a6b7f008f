import { valueProblem, type Check } from '../platform/validators.js';
import type { Phase } from '../model/error-codes.js';
import { OAuthError } from '../model/errors.js';

/** One argument of a verb: its name, and what it must be. */
export interface Argument {
  readonly name: string;
  readonly check: Check;
  /** Whether it may be left out. */
  readonly optional: boolean;
}

/** What a verb takes, and the phase its errors belong to; functions without a client have none. */
export interface Takes<Arguments extends readonly Argument[] = readonly Argument[]> {
  readonly phase: Phase | undefined;
  readonly args: Arguments;
}

/** What every verb of an interface takes. A verb without an entry, or with one too few, does not compile. */
export type ArgumentsOf<Verbs extends object> = {
  readonly [Name in keyof Verbs]-?: Verbs[Name] extends (...args: infer Given) => unknown
    ? Takes<{ readonly [Index in keyof Required<Given>]: Argument }>
    : never;
};

/** An argument that must be given. */
export function required(name: string, check: Check): Argument {
  return { name, check, optional: false };
}

/** An argument that may be left out. */
export function optional(name: string, check: Check): Argument {
  return { name, check, optional: true };
}

/** Says what a verb takes. */
export function takes<Arguments extends readonly Argument[]>(
  phase: Phase | undefined,
  ...args: Arguments
): Takes<Arguments> {
  return { phase, args };
}

/**
 * Refuses arguments that a verb does not take, which would be left out without a word.
 *
 * @throws OAuthError `invalid_options`
 */
export function checkArguments(
  { verb, client }: { verb: string; client?: string },
  { phase, args }: Takes,
  given: readonly unknown[],
): void {
  const problem =
    args
      .map((argument, index) => argumentProblem(argument, given[index]))
      .find((one) => one !== undefined) ?? surplus(args, given);
  if (problem === undefined) return;
  throw new OAuthError('invalid_options', `${verb}(): ${problem}.`, { client, phase });
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
  const extra = given.slice(args.length).some((value) => value !== undefined);
  if (!extra) return undefined;
  const names = args.map(({ name }) => `"${name}"`).join(', ');
  return `there are more arguments than ${names || 'none'}, which is all it takes`;
}

/**
 * Refuses arguments after those that a verb takes, which would be left out without a word.
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
  throw new OAuthError('invalid_options', `${verb}(): ${problem}.`, { client, phase });
}

type Verb = (...args: never[]) => unknown;

/** URLs are text from here on. */
function urlText(value: never): never {
  return ((value as unknown) instanceof URL ? String(value) : value) as never;
}

/** The verbs of one client, each checking its arguments before it runs. */
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
