import avro from 'avsc';
import { seededRandom } from '../random.js';
import { FIRST_STAMP, writeStamp } from '../stamp.js';
import { ACCOUNT_FIELDS, accountSchemaJson, CHILDREN, type AccountField } from './account-schema.js';

/** How many of ten events are CREATEs, with about 25 values; the others are UPDATEs with 1 to 4. */
const CREATES_OF_TEN = 3;
const VALUES_OF_CREATE = 25;
const MOST_VALUES_OF_UPDATE = 4;

/** Fields that a CREATE always has. */
const ALWAYS_CREATED = ['Name', 'BillingAddress', 'OwnerId', 'CreatedDate', 'CreatedById', 'LastModifiedDate'];

const NOW = Date.UTC(2026, 0, 15);

/** 64-bit longs as they are: commit numbers exceed 2^53. */
const longType = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: number | bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint' || Number.isSafeInteger(value),
  compare: (a: number | bigint, b: number | bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

const accountType = avro.Type.forSchema(JSON.parse(accountSchemaJson()) as avro.Schema, {
  registry: { long: longType },
  wrapUnions: 'never',
});

/** The id of the schema: base64url of the MD5 of its canonical form. */
export const ACCOUNT_SCHEMA_ID = avro.Type.forSchema(JSON.parse(accountSchemaJson()) as avro.Schema)
  .fingerprint('md5')
  .toString('base64url');

/** An encoded event, and where in it stands what no two events of an org share. */
export interface AccountPayload {
  readonly bytes: Buffer;
  /** Where eight characters of the transaction key and of the record's id begin. */
  readonly serials: readonly number[];
  /** Where the commitTimestamp begins, in events that take a stamp. */
  readonly stamp?: number;
}

/** What the events of a topic are. */
export interface AccountEvents {
  readonly count: number;
  /** The commit number of the last event; those before count up to it. */
  readonly lastCommitNumber: bigint;
  /** Whether the commitTimestamp makes room for a stamp of {@link writeStamp}. */
  readonly stamped?: boolean;
}

/**
 * Encodes change events of accounts, the same in every run. Their sequence numbers count from 1, so that a client can
 * see that none is missing or out of order.
 */
export function accountPayloads({ count, lastCommitNumber, stamped = false }: AccountEvents): AccountPayload[] {
  const random = seededRandom(count);
  return Array.from({ length: count }, (_, index) => {
    const recordId = idOf('001', random);
    const transactionKey = keyOf(random);
    const bytes = accountType.toBuffer({
      ...accountOf(recordId, random, {
        transactionKey,
        sequenceNumber: index + 1,
        commitTimestamp: stamped ? FIRST_STAMP : NOW + index * 1_000,
        commitNumber: lastCommitNumber - BigInt(count - 1 - index),
      }),
    });
    const keyStart = bytes.indexOf(transactionKey);
    return {
      bytes,
      serials: [keyStart, bytes.indexOf(recordId) + RECORD_PREFIX_LENGTH],
      ...(stamped && { stamp: bytes.indexOf(firstStamp(), keyStart) }),
    };
  });
}

/** An event's values: of ten events, three create an account. */
function accountOf(recordId: string, random: () => number, commit: object): object {
  const create = random() * 10 < CREATES_OF_TEN;
  const fields = create ? createdFields(random) : updatedFields(random);
  const values = ACCOUNT_FIELDS.map((field) => [field.name, fields.has(field.name) ? valueOf(field, random) : null]);
  return {
    ChangeEventHeader: {
      entityName: 'Account',
      recordIds: [recordId],
      changeType: create ? 'CREATE' : 'UPDATE',
      changeOrigin: 'com/salesforce/api/soap/62.0;client=SfdcInternalAPI/',
      commitUser: idOf('005', random),
      nulledFields: [],
      diffFields: [],
      changedFields: create ? [] : bitmapsOf(fields, random),
      ...commit,
    },
    ...(Object.fromEntries(values) as object),
  };
}

function firstStamp(): Buffer {
  const bytes = Buffer.alloc(8);
  writeStamp(bytes, 0, FIRST_STAMP);
  return bytes;
}

function createdFields(random: () => number): Set<string> {
  const fields = new Set(ALWAYS_CREATED);
  while (fields.size < VALUES_OF_CREATE) fields.add(anyField(random).name);
  return fields;
}

function updatedFields(random: () => number): Set<string> {
  const fields = new Set(['LastModifiedDate']);
  const size = 1 + Math.floor(random() * MOST_VALUES_OF_UPDATE);
  while (fields.size < size) fields.add(anyField(random).name);
  return fields;
}

function anyField(random: () => number): AccountField {
  const field = ACCOUNT_FIELDS[Math.floor(random() * ACCOUNT_FIELDS.length)];
  if (field === undefined) throw new Error('There are no fields.');
  return field;
}

function valueOf({ name, kind }: AccountField, random: () => number): unknown {
  switch (kind) {
    case 'string':
      return name.endsWith('Id')
        ? idOf('005', random)
        : `${name.slice(0, 8)} ${Math.floor(random() * 1e8).toString(36)}`;
    case 'long':
      return NOW - Math.floor(random() * 1e10);
    case 'int':
      return Math.floor(random() * 50_000);
    case 'double':
      return Math.round(random() * 1e8) / 100;
    case 'boolean':
      return random() < 0.5;
    case 'Name':
      return `Account ${Math.floor(random() * 1e6)}`;
    case 'Address':
    case 'Location':
      return Object.fromEntries(
        CHILDREN[kind].map((child, index) => {
          const [childName = '', type] = child.split(':');
          const value = type === 'double' ? random() * 90 : `${childName} ${Math.floor(random() * 1_000)}`;
          return [childName, kind === 'Address' && index >= 7 ? null : value];
        }),
      );
  }
}

/**
 * The changed fields as the service writes them: whole bytes in hex, the children of a compound in an element of their
 * own.
 */
function bitmapsOf(fields: Set<string>, random: () => number): string[] {
  let top = 0n;
  const elements: string[] = [];
  ACCOUNT_FIELDS.forEach(({ name, kind }, index) => {
    if (!fields.has(name)) return;
    const position = index + 1;
    if (kind === 'Address') elements.push(`${position}-${hexOf(BigInt(1 + Math.floor(random() * 31)))}`);
    else top |= 1n << BigInt(position);
  });
  return [hexOf(top), ...elements];
}

function hexOf(bits: bigint): string {
  const digits = bits.toString(16).toUpperCase();
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`;
}

/** A transaction key: a UUID in form. */
function keyOf(random: () => number): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The characters of a record's id that all accounts of an org share. */
const RECORD_PREFIX_LENGTH = 5;

/** A record id of 18 characters. */
function idOf(prefix: string, random: () => number): string {
  const serial = Math.floor(random() * 1e9)
    .toString(36)
    .toUpperCase();
  return `${prefix}xx00000${serial.padStart(7, '0')}AAA`.slice(0, 18);
}
