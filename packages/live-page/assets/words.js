/** The words for times and numbers. */

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** A time in words: `4 min`, `3 s`, `20 ms`. */
export function duration(ms) {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const [unit, size] = UNITS.find(([, each]) => ms >= each);
  const value = ms / size;
  return `${value < 10 && unit !== 's' ? value.toFixed(1).replace(/\.0$/, '') : Math.floor(value)} ${unit}`;
}

/** A number with its thousands apart. */
export function count(value) {
  return new Intl.NumberFormat('en').format(value);
}

/** The time of day of a moment, with its date where that is another day. */
export function clock(at) {
  const moment = new Date(at);
  const time = moment.toLocaleTimeString('en-GB');
  return moment.toDateString() === new Date().toDateString() ? time : `${moment.toISOString().slice(0, 10)} ${time}`;
}

/** A length in bytes, in words. */
export function bytes(length) {
  return length < 1_024 ? `${length} B` : `${(length / 1_024).toFixed(1)} kB`;
}
