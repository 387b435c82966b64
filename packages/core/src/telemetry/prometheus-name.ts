import type { Instrument } from './instruments.js';

/** Prometheus' words for units of OpenTelemetry. */
const UNITS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '%': 'percent',
  $: 'dollars',
  1: '',
};

/** The words for the second part of a rate. */
const PER: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
};

/**
 * The name of an instrument in Prometheus, by the rule of OpenTelemetry's Collector: the unit is its end, and a counter
 * ends with `_total`.
 */
export function prometheusName({ name, unit, kind }: Pick<Instrument, 'name' | 'unit' | 'kind'>): string {
  const words = wordsIn(name);
  const [main = '', per] = unit.split('/', 2).map((part) => part.trim());
  const units = [...wordsIn(wordOf(UNITS, main)), ...perWords(words, per)];
  words.push(...units.filter((word, index) => index > 0 || !words.includes(word)));
  if (kind === 'counter') moveToEnd(words, 'total');
  if (kind === 'gauge' && unit === '1') moveToEnd(words, 'ratio');
  const text = words.join('_');
  return /^\d/.test(text) ? `_${text}` : text;
}

function perWords(words: readonly string[], per: string | undefined): string[] {
  const [word] = per === undefined ? [] : wordsIn(wordOf(PER, per));
  return word === undefined || words.includes(word) ? [] : ['per', word];
}

/** A part of a unit in braces is no unit. */
function wordOf(known: Readonly<Record<string, string>>, unit: string): string {
  if (/[{}]/.test(unit)) return '';
  return known[unit] ?? unit;
}

function moveToEnd(words: string[], word: string): void {
  const others = words.filter((each) => each !== word);
  words.splice(0, words.length, ...others, word);
}

function wordsIn(text: string): string[] {
  return text.split(/[^A-Za-z0-9:]+/).filter((word) => word !== '');
}

/** The name of an attribute in Prometheus. */
export function prometheusLabel(attribute: string): string {
  const label = attribute.replace(/\W/g, '_');
  if (label.startsWith('__') || /^[A-Za-z]/.test(label)) return label;
  return `key${label.startsWith('_') ? '' : '_'}${label}`;
}
