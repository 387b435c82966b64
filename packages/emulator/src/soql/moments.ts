/** Length of `YYYY-MM-DD`. */
const DATE_LENGTH = 10;

/**
 * A date, or a date and time with its offset from UTC, in milliseconds since 1970. NaN where there is no such day,
 * which JavaScript alone would read as a day of the next month.
 *
 * @param text - Of the form `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ss.sss+hh:mm`; the colon of the offset may be missing.
 */
export function parseMoment(text: string): number {
  const day = text.slice(0, DATE_LENGTH);
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, DATE_LENGTH) !== day) return NaN;
  return Date.parse(text.toUpperCase().replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
}

/** A time of day such as `08:30:00.000Z`, in milliseconds since midnight; NaN where there is no such time. */
export function parseTime(text: string): number {
  return Date.parse(`1970-01-01T${text.toUpperCase().replace(/Z?$/, 'Z')}`);
}
