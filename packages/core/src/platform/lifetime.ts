/**
 * A time as it was read from outside. `unreadable` is a value that says something which nobody
 * understands: it never means "for ever". `undefined` is no value at all.
 */
export type ReadTime = number | 'unreadable' | undefined;

/** Longer texts name no time. */
const maxLength = 64;

/** The last second that is no moment in milliseconds: in the year 5138. */
const lastSecond = 99_999_999_999;

const decimal = /^[+-]?\d{1,20}(?:\.\d{1,20})?$/;
const isoDate =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,12})?)?) ?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;
const httpDate = /^[a-z]{3}, \d{1,2} [a-z]{3} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]\d{4})$/i;

/**
 * Reads a duration in whole seconds, such as `expires_in`: a number, or a number as text. Zero and less
 * are read as they are: what lasts so long is over.
 */
export function readDuration(value: unknown): ReadTime {
  if (isAbsent(value)) return undefined;
  const seconds = readNumber(value);
  return seconds === undefined ? 'unreadable' : Math.floor(seconds);
}

/**
 * Reads a moment in seconds since the epoch, such as `expires_at`: seconds, milliseconds and finer units
 * as numbers or text, a `Date`, ISO 8601 (without a time zone it is UTC), or the date of an HTTP header.
 */
export function readMoment(value: unknown): ReadTime {
  if (isAbsent(value)) return undefined;
  const number = value instanceof Date ? value.getTime() / 1000 : readNumber(value);
  if (number !== undefined) return Number.isNaN(number) ? 'unreadable' : inSeconds(number);
  const milliseconds = typeof value === 'string' ? readDate(value.trim()) : Number.NaN;
  return Number.isNaN(milliseconds) ? 'unreadable' : Math.floor(milliseconds / 1000);
}

/** The moment so many seconds after another one, but none that {@link readMoment} would read as milliseconds. */
export function secondsAfter(moment: number, seconds: number): number {
  return Math.min(moment + seconds, lastSecond);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function readNumber(value: unknown): number | undefined {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.length > maxLength) return undefined;
  return decimal.test(value.trim()) ? Number(value) : undefined;
}

/** Seconds have ten digits until the year 2286; what has three more is in milliseconds, and so on. */
function inSeconds(moment: number): number {
  let seconds = moment;
  while (seconds > lastSecond) seconds /= 1000;
  return Math.floor(seconds);
}

/** Milliseconds since the epoch; `NaN` for what is no date. */
function readDate(text: string): number {
  if (text.length > maxLength) return Number.NaN;
  if (httpDate.test(text)) return Date.parse(text);
  const [, day, time, zone = 'Z'] = isoDate.exec(text) ?? [];
  if (day === undefined) return Number.NaN;
  if (time === undefined) return Date.parse(day);
  return Date.parse(`${day}T${time.replace(',', '.')}${offset(zone)}`);
}

/** `+0200` and `+02` are ISO 8601, too; `Date.parse` knows `+02:00` alone. */
function offset(zone: string): string {
  if (/^z$/i.test(zone)) return 'Z';
  return `${zone.slice(0, 3)}:${zone.length > 3 ? zone.slice(-2) : '00'}`;
}
