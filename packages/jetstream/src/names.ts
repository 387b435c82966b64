import { ConfigurationError, kindOf } from '@rxforce/core/model';

/** The default prefix of all streams, subjects and buckets. */
const DEFAULT_PREFIX = 'rxforce';

/** Checks a prefix, and returns it. It is a part of the names of streams, which forbid most characters. */
export function checkedPrefix(prefix: unknown = DEFAULT_PREFIX): string {
  return checkedName('prefix', prefix);
}

/** Checks a name that becomes a part of the name of a stream. */
export function checkedName(option: string, name: unknown): string {
  if (typeof name === 'string' && /^[A-Za-z0-9_-]{1,100}$/.test(name)) return name;
  const given = typeof name === 'string' ? JSON.stringify(name) : kindOf(name);
  throw new ConfigurationError(
    `${option} is ${given}, but must be a text of at most 100 letters, digits, "_" and "-", such as "crm".`,
  );
}

/**
 * A text as one token of a subject, or as a part of the name of a stream. Letters, digits, `_` and `-` stay as they
 * are, and the others become `=2F` or `=u4E2D`; nothing becomes `=`. So no two texts have the same token.
 *
 * Lone surrogates have no UTF-8, so code units are written instead of bytes.
 */
export function token(text: string): string {
  if (text === '') return '=';
  return text.replace(/[^A-Za-z0-9_-]/g, (unit) => {
    const code = unit.charCodeAt(0).toString(16).toUpperCase();
    return code.length <= 2 ? `=${code.padStart(2, '0')}` : `=u${code.padStart(4, '0')}`;
  });
}

/** The text of a token. */
export function textOf(written: string): string {
  if (written === '=') return '';
  return written.replace(/=u([0-9A-F]{4})|=([0-9A-F]{2})/g, (_, long: string | undefined, short: string) =>
    String.fromCharCode(parseInt(long ?? short, 16)),
  );
}

/** The names of a topic of a log. */
export interface TopicNames {
  readonly stream: string;
  /** All subjects of the stream. */
  readonly subjects: string;
  /** The subject of a partition. */
  readonly subject: (partition: number) => string;
}

/**
 * No prefix, name or token has a `+`, so no two logs have the same stream.
 *
 * @param name - The name of the log.
 */
export function topicNames(prefix: string, name: string, topic: string): TopicNames {
  const base = `${prefix}.${name}.${token(topic)}`;
  return {
    stream: `${prefix}+${name}+${token(topic)}`,
    subjects: `${base}.*`,
    subject: (partition) => `${base}.${partition}`,
  };
}
