import { crc32 } from 'node:zlib';
import { Err, Ok, type Result } from '@rxforce/core/model';

/** The version of the file format. A change that an older reader cannot read needs a new version. */
const VERSION = 1;

/** The removed lines, by the name of their file. */
export type Removals = ReadonlyMap<string, readonly number[]>;

/** A letter that was put; it replaces others with the same id. */
export interface PutRecord {
  readonly type: 'put';
  /** How many more letters of the same put follow. A put counts when its last letter is there, or not at all. */
  readonly more: number;
  readonly id: string;
  readonly lastFailedAt: number;
  /**
   * When it was put, in epoch milliseconds. It is later than all puts that its writer knew of, whatever the clock said.
   */
  readonly putAt: number;
  readonly removes: Removals;
  /** The letter, as `formatDeadLetter` writes it. */
  readonly letter: string;
}

/** Letters that were removed. */
export interface RemoveRecord {
  readonly type: 'remove';
  readonly removes: Removals;
}

/** The content of a line after the first one of its file. */
export type LetterRecord = PutRecord | RemoveRecord;

/** The content of a line, without the letter itself. */
export type RecordHead = { readonly type: 'begin' } | Omit<PutRecord, 'letter'> | RemoveRecord;

const LETTER = ',"letter":';

/** The end of a line: the checksum of everything before it. A torn write loses this part first. */
const END = /^,"checksum":"([0-9a-f]{8})"\}$/;
const END_LENGTH = ',"checksum":"00000000"}'.length;

/** The first line of a file. */
export function firstLineOf(file: string): string {
  return lineOf({ line: 1, type: 'begin', version: VERSION, file });
}

/** Formats a record as a line, with its end. */
export function formatRecord(line: number, record: LetterRecord): string {
  if (record.type === 'remove') return lineOf({ line, ...record, removes: Object.fromEntries(record.removes) });
  const { letter, removes, ...rest } = record;
  return lineOf({ line, ...rest, removes: Object.fromEntries(removes) }, letter);
}

/** Reads a line without its line feed, and checks its number and file; an `Err` says what is wrong with it. */
export function parseRecord(bytes: Buffer, line: number, file: string): Result<RecordHead, string> {
  const checked = checkedPart(bytes);
  if (checked.err) return checked;
  const end = checked.val.indexOf(LETTER);
  const head = JSON.parse(`${checked.val.toString('utf8', 0, end < 0 ? undefined : end)}}`) as Record<string, unknown>;
  if (head.line !== line) return Err(`it is line ${String(head.line)}, so lines are missing or there twice`);
  if (line === 1 && head.version !== VERSION) {
    return Err(`it has format ${String(head.version)}, and this version of rxforce knows format ${VERSION} only`);
  }
  if (line === 1 && head.file !== file) return Err(`it begins the file ${String(head.file)}, so this one is a copy`);
  const removes = new Map(Object.entries((head.removes ?? {}) as Record<string, number[]>));
  return Ok({ ...head, removes } as unknown as RecordHead);
}

/** The letter of a line, as `parseDeadLetter` reads it; an `Err` says what is wrong with the line. */
export function letterOf(bytes: Buffer): Result<string, string> {
  const checked = checkedPart(bytes);
  if (checked.err) return checked;
  return Ok(checked.val.toString('utf8', checked.val.indexOf(LETTER) + LETTER.length));
}

function lineOf(members: object, letter?: string): string {
  const head = JSON.stringify(members).slice(0, -1);
  const checked = letter === undefined ? head : `${head}${LETTER}${letter}`;
  return `${checked},"checksum":"${checksum(checked)}"}\n`;
}

/** Everything before the checksum, if the checksum is right. */
function checkedPart(bytes: Buffer): Result<Buffer, string> {
  const checked = bytes.subarray(0, Math.max(0, bytes.length - END_LENGTH));
  const [, sum] = END.exec(bytes.toString('latin1', checked.length)) ?? [];
  if (sum === undefined) return Err('it is not a whole line as rxforce writes it');
  return sum === checksum(checked)
    ? Ok(checked)
    : Err('its checksum does not match: it was changed, or the disk failed');
}

function checksum(content: string | Buffer): string {
  return crc32(content).toString(16).padStart(8, '0');
}
