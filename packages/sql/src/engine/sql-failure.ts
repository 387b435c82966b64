import { plainError, sentence } from '@rxforce/core/internal';
import { describe, type FailureKind } from './failure-kinds.js';

/** A call to a database failed. */
export class SqlFailure extends Error {
  override readonly name = 'SqlFailure';
  /** Whether the same call may succeed later, unchanged. */
  readonly retriable: boolean;
  /** Whether any other call would fail, too. */
  readonly isOutage: boolean;
  /** The error of the library, without values and secrets. */
  override readonly cause: unknown;

  /**
   * @param message - What happened, and what to do, in sentences that may follow "… failed: ". It has no value of a
   * record and no password.
   */
  constructor(message: string, { retriable, isOutage = false, cause }: SqlFailureDetails) {
    super(message);
    this.retriable = retriable;
    this.isOutage = isOutage;
    this.cause = cause;
  }
}

/** What a failure can say beyond its message. */
interface SqlFailureDetails {
  readonly retriable: boolean;
  readonly isOutage?: boolean;
  readonly cause?: unknown;
}

/** Turns anything that pg or better-sqlite3 throws into a failure. */
export function sqlFailure(thrown: unknown): SqlFailure {
  if (thrown instanceof SqlFailure) return thrown;
  const { code = '', message = '' } = Object(thrown) as { code?: unknown; message?: unknown };
  const kind: FailureKind = describe(String(code), String(message));
  const names = namesIn(thrown);
  const said = kind.isQuotable
    ? sentence(String(message) || String(code))
    : `${kind.what ?? 'It was refused'}${names}.`;
  const reason = [said, codeNote(String(code)), kind.advice].filter(Boolean).join(' ');
  const { retriable, isOutage = false } = kind;
  return new SqlFailure(reason, { retriable, isOutage, cause: plainError(thrown, () => said) });
}

/** The names that PostgreSQL gives beside its message. Names are no values. */
function namesIn(thrown: unknown): string {
  const { table, column, constraint } = Object(thrown) as Record<string, unknown>;
  const names = Object.entries({ table, column, constraint }).filter(([, name]) => typeof name === 'string');
  return names.length === 0 ? '' : ` (${names.map(([kind, name]) => `${kind} ${String(name)}`).join(', ')})`;
}

function codeNote(code: string): string {
  return /^[0-9A-Z]{5}$/.test(code) ? `(SQLSTATE ${code})` : code.startsWith('SQLITE_') ? `(${code})` : '';
}
