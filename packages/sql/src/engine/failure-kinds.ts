/** What is known about a failure by its code. */
export interface FailureKind {
  readonly retriable: boolean;
  /** Whether any other call would fail, too: the database is away, or has no room. */
  readonly isOutage?: boolean;
  /** What to do, as a sentence; none where there is nothing to do. */
  readonly advice: string;
  /** Whether the database's own text has no values of records, and may be passed on. */
  readonly isQuotable: boolean;
  /** What happened, where the database's own text may not be passed on. */
  readonly what?: string;
}

interface Rule extends FailureKind {
  /** Matches the code, or else the message. */
  readonly by: RegExp;
}

const passing = (by: RegExp, advice = 'It is tried again.'): Rule => ({
  by,
  advice,
  retriable: true,
  isQuotable: true,
});
/** The database is away as a whole. */
const away = (by: RegExp, advice: string): Rule => ({ ...passing(by, advice), isOutage: true });
const lasting = (by: RegExp, advice: string): Rule => ({ by, advice, retriable: false, isQuotable: true });
/** The database's own text may quote a value. */
const silent = (by: RegExp, what: string, advice: string): Rule => ({
  by,
  what,
  advice,
  retriable: false,
  isQuotable: false,
});

/** SQLSTATEs of PostgreSQL, codes of SQLite, codes of Node; the first that matches counts. */
const BY_CODE: readonly Rule[] = [
  away(/^(08...|57P0[123])$/, 'The connection to PostgreSQL is lost. It is tried again.'),
  passing(/^(40001|40P01|55P03|57014)$/),
  away(/^53300$/, 'Raise `max_connections` of PostgreSQL, or make the pool smaller. It is tried again.'),
  away(/^53...$/, 'PostgreSQL has no room: free some disk space or memory. It is tried again.'),
  away(/^25006$/, 'This server is a standby that takes no writes. It passes once a failover is over.'),
  passing(/^(42P01|42703)$/, 'A table or column was dropped or renamed meanwhile. It is looked up again.'),
  lasting(/^42501$/, 'Grant the role of this program USAGE and CREATE on the schema, and all rights on its tables.'),
  lasting(/^(28...|3D000)$/, 'Check user, password and name of the database.'),
  lasting(/^3F000$/, 'Create the schema: CREATE SCHEMA …'),
  lasting(/^42P10$/, 'The table was made by other means: its column "id" needs a primary key or a unique index.'),
  lasting(
    /^54...$/,
    'The row is larger than PostgreSQL allows. Keep fewer fields (option `fields` of the subscription).',
  ),
  silent(/^23...$/, 'A constraint of the table refuses the row', 'Drop the constraint, or correct the record.'),
  silent(/^22...$/, 'A value does not fit its column', 'Change the type of the column to text.'),
  lasting(/^42804$/, 'The type of the column is another one than its field has. Change it to text.'),
  lasting(/^42...$/, 'Look at the table: it is not as it was made.'),
  passing(/^SQLITE_(BUSY|LOCKED|PROTOCOL|INTERRUPT)/, 'Another connection writes at this time. It is tried again.'),
  away(/^SQLITE_FULL/, 'Free some disk space. It is tried again.'),
  away(/^SQLITE_(IOERR|NOMEM)/, 'Look at the disk. It is tried again.'),
  lasting(/^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/, 'Let this program write the file and its folder.'),
  lasting(/^SQLITE_(CORRUPT|NOTADB)/, 'The file is damaged, or is no database of SQLite. Restore it from a backup.'),
  silent(
    /^SQLITE_CONSTRAINT_TRIGGER/,
    'A trigger of the table refuses the row',
    'Drop the trigger, or correct the record.',
  ),
  lasting(/^SQLITE_CONSTRAINT/, 'Drop the constraint, or correct the record.'),
  lasting(/^SQLITE_TOOBIG/, 'The value is larger than SQLite allows.'),
  lasting(/^SQLITE_/, 'Look at the table: it is not as it was made.'),
  lasting(/^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO|CERT_|ERR_TLS)/, 'Set `ssl` of the pool.'),
  away(/^(E[A-Z_]+)$/, 'The database cannot be reached. It is tried again.'),
];

const BY_MESSAGE: readonly Rule[] = [
  lasting(/calling end on the pool/, 'This program closed the pool. Close it only after the subscriptions have ended.'),
  lasting(
    /database connection is not open/,
    'This program closed it. Close it only after the subscriptions have ended.',
  ),
  // better-sqlite3 looks by itself, and gives no code.
  lasting(/directory does not exist/, 'Make the directory, or correct the path of the file.'),
  lasting(/does not support SSL/, 'Leave `ssl` out.'),
  lasting(/password must be a string/, 'Give the pool a password.'),
  away(
    /(Connection terminated|connection error|timeout exceeded when trying to connect|not queryable)/i,
    'The database does not answer. It is tried again.',
  ),
  // It may be this statement alone, which is too much at once.
  passing(/Query read timeout/i, 'The database does not answer. It is tried again.'),
];

/** A failure that nobody foresaw: its text may have values. */
const UNKNOWN: FailureKind = {
  retriable: true,
  isQuotable: false,
  what: 'It failed for a reason that is not known',
  advice: 'The log of the database says more. It is tried again.',
};

/** Finds out what a failure means. */
export function describe(code: string, message: string): FailureKind {
  return BY_CODE.find(({ by }) => by.test(code)) ?? BY_MESSAGE.find(({ by }) => by.test(message)) ?? UNKNOWN;
}
