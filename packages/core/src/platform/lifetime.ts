/**
 * A time from untrusted input. `unreadable`: a value is present but has an unknown format; it never
 * means "no expiry". `undefined`: no value.
 */
export type ReadTime = number | 'unreadable' | undefined;

/** Maximum length of a time as text. */
const maxLength = 64;

/** Largest value treated as seconds, in the year 5138; larger values are milliseconds. */
const lastSecond = 99_999_999_999;

const decimal = /^[+-]?\d{1,20}(?:\.\d{1,20})?$/;
const isoDate =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,12})?)?) ?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;
const httpDate = /^[a-z]{3}, \d{1,2} [a-z]{3} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]\d{4})$/i;

/**
 * Parses a duration in whole seconds, such as `expires_in`: a number, or a number as text. Zero and
 * negative values are returned unchanged: they have expired.
 */
export function readDuration(value: unknown): ReadTime {
  if (isBlank(value)) return undefined;
  const seconds = readNumber(value);
  return seconds === undefined ? 'unreadable' : Math.floor(seconds);
}

/**
 * Parses a timestamp such as `expires_at` to seconds since the epoch: seconds, milliseconds and
 * finer units as numbers or text, a `Date`, ISO 8601 (UTC without a time zone), or an HTTP date.
 */
export function readMoment(value: unknown): ReadTime {
  if (isBlank(value)) return undefined;
  const number = value instanceof Date ? value.getTime() / 1000 : readNumber(value);
  if (number !== undefined) return Number.isNaN(number) ? 'unreadable' : inSeconds(number);
  const milliseconds = typeof value === 'string' ? readDate(value.trim()) : Number.NaN;
  return Number.isNaN(milliseconds) ? 'unreadable' : Math.floor(milliseconds / 1000);
}

/** Adds seconds to a timestamp, limited to values that {@link readMoment} reads as seconds. */
export function secondsAfter(moment: number, seconds: number): number {
  return Math.min(moment + seconds, lastSecond);
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function readNumber(value: unknown): number | undefined {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.length > maxLength) return undefined;
  return decimal.test(value.trim()) ? Number(value) : undefined;
}

/**
 * Converts to seconds by magnitude. Seconds have ten digits until the year 2286, milliseconds three
 * more, and so on.
 */
function inSeconds(moment: number): number {
  let seconds = moment;
  while (seconds > lastSecond) seconds /= 1000;
  return Math.floor(seconds);
}

/** Returns milliseconds since the epoch; `NaN` for an invalid date. */
function readDate(text: string): number {
  if (text.length > maxLength) return Number.NaN;
  if (httpDate.test(text)) return Date.parse(text);
  const [, day, time, zone = 'Z'] = isoDate.exec(text) ?? [];
  if (day === undefined) return Number.NaN;
  if (time === undefined) return Date.parse(day);
  return Date.parse(`${day}T${time.replace(',', '.')}${offset(zone)}`);
}

/** Normalizes `+0200` and `+02`, valid in ISO 8601, to `+02:00`, which `Date.parse` requires. */
function offset(zone: string): string {
  if (/^z$/i.test(zone)) return 'Z';
  return `${zone.slice(0, 3)}:${zone.length > 3 ? zone.slice(-2) : '00'}`;
}
