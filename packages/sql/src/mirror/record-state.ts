/** When a change was committed, and its place in the transaction. Versions of one record are in order. */
export interface Version {
  /** The `commitTimestamp`, in epoch milliseconds. */
  readonly ms: number;
  /** The `commitNumber`. It grows within one database instance of the org only, so the time goes first. */
  readonly number: bigint;
  /** The `sequenceNumber`. */
  readonly sequence: number;
}

/**
 * An event with the whole record that is no CREATE: an UNDELETE, or the SNAPSHOT of a gap, whose record was read later.
 */
export type Restored = 'undeleted' | 'read';

/**
 * What is known of the age of a row. Each field has the age of the change that set it, so that changes can be applied
 * in any order.
 */
export interface RecordState {
  /** The newest event that had the whole record. */
  readonly whole?: Version | undefined;
  /** Where that event was not the CREATE of the record: so a row that was read may be older than it. */
  readonly restored?: Restored | undefined;
  /** The SystemModstamp of the newest row of a snapshot, in epoch milliseconds. */
  readonly snapshot?: number | undefined;
  /** After a gap: the row was read, and has all changes that were committed up to then, in epoch milliseconds. */
  readonly read?: number | undefined;
  /** The newest DELETE. */
  readonly deleted?: Version | undefined;
  /** Whether the row was swept: a snapshot did not have the record. */
  readonly swept: boolean;
  /** The fields that were changed after the whole record was set, by column. */
  readonly fields: ReadonlyMap<string, Version>;
}

/** The state of a record that is not known. */
export const UNKNOWN: RecordState = { swept: false, fields: new Map() };

/** Below 0 where `one` is older, above 0 where it is newer. */
export function compared(one: Version, other: Version): number {
  return (
    one.ms - other.ms ||
    (one.number === other.number ? one.sequence - other.sequence : one.number < other.number ? -1 : 1)
  );
}

/** Whether `one` is newer. Anything is newer than nothing. */
export function isAfter(one: Version, other: Version | undefined): boolean {
  return other === undefined || compared(one, other) > 0;
}

/** The newest change of a record. */
export function newestOf({ whole, snapshot, deleted, fields }: RecordState): Version | undefined {
  const read = snapshot === undefined ? undefined : { ms: snapshot, number: 0n, sequence: 0 };
  let newest: Version | undefined;
  for (const version of [whole, read, deleted, ...fields.values()]) {
    if (version !== undefined && isAfter(version, newest)) newest = version;
  }
  return newest;
}

/** Whether the record is gone. */
export function isGone({ whole, snapshot, deleted, swept, fields }: RecordState): boolean {
  return swept || (deleted !== undefined && whole === undefined && snapshot === undefined && fields.size === 0);
}

/** Whether the whole record is known. */
export function isComplete({ whole, snapshot }: RecordState): boolean {
  return whole !== undefined || snapshot !== undefined;
}

type WrittenVersion = readonly [ms: number, number: string, sequence: number];

interface WrittenState {
  /** The whole record. */
  readonly w?: WrittenVersion;
  /** Restored: 1 is undeleted, 2 is read. */
  readonly r?: 1 | 2;
  /** The snapshot. */
  readonly s?: number;
  /** Read. */
  readonly q?: number;
  /** The DELETE. */
  readonly d?: WrittenVersion;
  /** Swept. */
  readonly x?: 1;
  /** The fields, by version. */
  readonly f?: readonly (readonly [...WrittenVersion, columns: readonly string[]])[];
}

/**
 * A state as text, for the column `rx_state`. It is null where the newest change says everything: a CREATE, or a row of
 * a snapshot.
 */
export function formatState(state: RecordState): string | null {
  const { whole, restored, snapshot, read, deleted, swept, fields } = state;
  const isPlain = !restored && read === undefined && deleted === undefined && !swept && fields.size === 0;
  if (isPlain && (whole === undefined) !== (snapshot === undefined) && whole?.number !== 0n) return null;
  const written: WrittenState = {
    ...(whole && { w: writtenVersion(whole) }),
    ...(restored && { r: restored === 'undeleted' ? 1 : 2 }),
    ...(snapshot !== undefined && { s: snapshot }),
    ...(read !== undefined && { q: read }),
    ...(deleted && { d: writtenVersion(deleted) }),
    ...(swept && { x: 1 }),
    ...(fields.size > 0 && { f: writtenFields(fields) }),
  };
  return JSON.stringify(written);
}

/**
 * Reads a state.
 *
 * @param newest - The columns `rx_commit_ms`, `rx_commit_number` and `rx_sequence`.
 */
export function parseState(text: string | null, newest: Version): RecordState {
  if (text === null) return newest.number === 0n ? { ...UNKNOWN, snapshot: newest.ms } : { ...UNKNOWN, whole: newest };
  const { w, r, s, q, d, x, f = [] } = JSON.parse(text) as WrittenState;
  const fields = new Map<string, Version>();
  for (const [ms, number, sequence, columns] of f) {
    const version = readVersion([ms, number, sequence]);
    columns.forEach((column) => fields.set(column, version));
  }
  return {
    whole: w && readVersion(w),
    restored: r && (r === 1 ? 'undeleted' : 'read'),
    snapshot: s,
    read: q,
    deleted: d && readVersion(d),
    swept: x === 1,
    fields,
  };
}

function writtenVersion({ ms, number, sequence }: Version): WrittenVersion {
  return [ms, String(number), sequence];
}

function readVersion([ms, number, sequence]: WrittenVersion): Version {
  return { ms, number: BigInt(number), sequence };
}

/** Most changes set several fields, so the columns are grouped by version. */
function writtenFields(fields: ReadonlyMap<string, Version>): NonNullable<WrittenState['f']> {
  const groups = new Map<string, [...WrittenVersion, string[]]>();
  for (const [column, version] of fields) {
    const written = writtenVersion(version);
    const key = written.join(' ');
    const group = groups.get(key);
    if (group) group[3].push(column);
    else groups.set(key, [...written, [column]]);
  }
  return [...groups.values()];
}
