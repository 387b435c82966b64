import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ReplayId } from '../model/replay-id.js';
import { Err, Ok, type Result } from '../model/result.js';
import type { PositionKey, StreamPosition } from '../ports/replay-store.js';

/** The version of the format below. A change that an older reader cannot read needs another version. */
const VERSION = 1;

/** Most characters of each part of a key in a file's name. */
const READABLE_CHARS = 40;

/** Characters of the hash in a file's name: 96 bits. */
const HASH_CHARS = 24;

/**
 * One line: the members, the checksum of everything before it, and the end, which truncation removes first. A name may
 * hold a character that ends a line in Unicode but not in JSON.
 */
const LINE = /^(\{.*),"checksum":"([0-9a-f]{8})"\}\n$/s;

/**
 * The beginning of the names of a position's files: at most 147 characters out of `A-Za-z0-9_-`, which mean the same on
 * every file system. No other key has the same beginning.
 *
 * The readable part is for people, and the hash tells keys apart: also where `A` and `a` are one file, and for names
 * that are empty, very long, or made only of dots.
 */
export function positionFileStem({ organizationId, topic, name }: PositionKey): string {
  const hash = createHash('sha256').update(JSON.stringify([organizationId, topic, name]));
  const readable = [organizationId, topic, name].map((part) =>
    part
      .replace(/[^A-Za-z0-9_]+/g, '-')
      .replace(/^-/, '')
      .slice(0, READABLE_CHARS),
  );
  return [...readable.filter((part) => part !== ''), hash.digest('hex').slice(0, HASH_CHARS)].join('-');
}

/** The content of a position's file. */
export function formatPosition(key: PositionKey, position: StreamPosition, savedAt: Date): string {
  const { organizationId, topic, name } = key;
  const where = ReplayId.is(position) ? { replayId: position.toString() } : { since: position.toISOString() };
  const members = { version: VERSION, organizationId, topic, name, ...where, savedAt: savedAt.toISOString() };
  const checked = JSON.stringify(members).slice(0, -1);
  return `${checked},"checksum":"${checksum(checked)}"}\n`;
}

/** Reads a text that `formatPosition` wrote for this key. An `Err` says what is wrong with the text. */
export function parsePosition(key: PositionKey, text: string): Result<StreamPosition, string> {
  if (text === '') return Err('it is empty');
  const [, checked, sum] = LINE.exec(text) ?? [];
  if (checked === undefined) return Err('it is not a whole line as rxforce writes it');
  if (checksum(checked) !== sum) return Err('its checksum does not match: it was changed, or the disk failed');
  const members = JSON.parse(`${checked}}`) as Record<string, unknown>;
  if (members.version !== VERSION) {
    return Err(`it has format ${String(members.version)}, and this version of rxforce knows format ${VERSION} only`);
  }
  const { organizationId, topic, name } = members;
  if (organizationId !== key.organizationId || topic !== key.topic || name !== key.name) {
    return Err(`it is the position "${String(name)}" of ${String(topic)} in org ${String(organizationId)}`);
  }
  const position = positionIn(members);
  return position ? Ok(position) : Err('it holds neither a replay id nor a time');
}

/** The key of a text that `formatPosition` wrote; `undefined` for any other text. */
export function keyInPosition(text: string): PositionKey | undefined {
  const [, checked = '', sum] = LINE.exec(text) ?? [];
  if (checksum(checked) !== sum) return undefined;
  const { organizationId, topic, name } = JSON.parse(`${checked}}`) as Record<string, unknown>;
  const isKey = [organizationId, topic, name].every((part) => typeof part === 'string');
  return isKey ? ({ organizationId, topic, name } as PositionKey) : undefined;
}

function positionIn({ replayId, since }: Record<string, unknown>): StreamPosition | undefined {
  if (typeof replayId === 'string') return ReplayId.fromBytes(Buffer.from(replayId, 'base64'));
  const date = new Date(typeof since === 'string' ? since : NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
