import { ConfigurationError } from '@rxforce/core/model';

/** A line of a log. */
export interface LogLine {
  readonly at: Date;
  readonly level: string;
  /** The part of the program. */
  readonly name: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Writes a line, without the line break. */
export type LineFormat = (line: LogLine) => string;

const PYTHON: Readonly<Record<string, (line: LogLine) => string>> = {
  asctime: ({ at }) => at.toISOString().replace('T', ' ').replace('.', ',').replace('Z', ''),
  name: ({ name }) => name,
  levelname: ({ level }) => level,
  message: ({ message }) => message,
};

/**
 * How lines of a log look: `pretty`, `json`, or a format of Python's logging with `asctime`, `name`, `levelname` and
 * `message`.
 *
 * @throws `ConfigurationError` when it is another one.
 */
export function lineFormat(format: string): LineFormat {
  if (format === 'json') return json;
  if (format === 'pretty') return pretty;
  const parts = format.split(/(%\(\w+\)[-\d]*s)/);
  const names = parts.map((part) => /^%\((\w+)\)[-\d]*s$/.exec(part)?.[1]);
  const unknown = names.find((name) => name !== undefined && !Object.hasOwn(PYTHON, name));
  const known = names.some((name) => name !== undefined);
  if (
    unknown !== undefined ||
    !known ||
    parts.some((part, index) => names[index] === undefined && part.includes('%('))
  ) {
    throw new ConfigurationError(
      `must be pretty, json, or a format of Python with %(${Object.keys(PYTHON).join(')s, %(')})s` +
        `${unknown === undefined ? '' : `; there is no %(${unknown})s here`}.`,
    );
  }
  return (line) => parts.map((part, index) => PYTHON[names[index] ?? '']?.(line) ?? part).join('');
}

function json({ at, level, name, message, fields }: LogLine): string {
  return JSON.stringify({ time: at.toISOString(), level: level.toLowerCase(), name, message, ...fields });
}

function pretty({ at, level, message, fields }: LogLine): string {
  const isSaid = (key: string, value: unknown) => key === 'error' && message.includes(String(value));
  const details = Object.entries(fields)
    .filter(([key, value]) => !isSaid(key, value))
    .filter(([, value]) => typeof value === 'number' || typeof value === 'string')
    .map(([key, value]) => ` ${key}=${String(value)}`)
    .join('');
  return `${at.toISOString()} ${level.padEnd(7)} ${message}${details}`;
}
