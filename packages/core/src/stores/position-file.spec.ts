import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { ReplayId } from '../model/replay-id.js';
import type { PositionKey, StreamPosition } from '../ports/replay-store.js';
import { formatPosition, parsePosition, positionFileStem } from './position-file.js';

const KEY: PositionKey = { organizationId: '00D000000000001', topic: '/data/AccountChangeEvent', name: 'crm-sync' };
const ID = ReplayId.parse('AAAAAAAAAAEAAA==');
const SAVED_AT = new Date(Date.UTC(2026, 0, 2));
const TEXT = formatPosition(KEY, ID, SAVED_AT);

const errorOf = (text: string, key = KEY) => {
  const result = parsePosition(key, text);
  return result.err ? result.val : undefined;
};

describe('A position file', () => {
  it('is one line of JSON', () => {
    expect(TEXT).to.match(/^[^\n]+\n$/);
    expect(JSON.parse(TEXT)).to.include({ ...KEY, version: 1, replayId: 'AAAAAAAAAAEAAA==', checksum: '48c65859' });
    expect(JSON.parse(TEXT)).to.have.property('savedAt', '2026-01-02T00:00:00.000Z');
    expect(JSON.parse(formatPosition(KEY, SAVED_AT, SAVED_AT))).to.have.property('since', '2026-01-02T00:00:00.000Z');
  });

  it('gives back any position under any key', () => {
    const text = fc.string({ unit: 'binary' });
    const key = fc.record({ organizationId: text, topic: text, name: text });
    const ids = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => ReplayId.fromBytes(bytes));
    fc.assert(
      fc.property(key, fc.oneof(ids, fc.date({ noInvalidDate: true })), (someKey, position: StreamPosition) => {
        const result = parsePosition(someKey, formatPosition(someKey, position, SAVED_AT));
        expect(String(result.unwrap())).to.equal(String(position));
      }),
    );
  });

  for (const [title, name] of [
    ['line separator', '\u2028'],
    ['paragraph separator', '\u2029'],
    ['line feed', '\n'],
  ] as const) {
    it(`gives back the position of a name with a ${title}`, () => {
      const key = { ...KEY, name };
      expect(parsePosition(key, formatPosition(key, SAVED_AT, SAVED_AT)).unwrap()).to.deep.equal(SAVED_AT);
    });
  }

  it('is refused, when it is cut off at any byte', () => {
    expect(errorOf('')).to.equal('it is empty');
    for (let length = 1; length < TEXT.length; length++) {
      expect(errorOf(TEXT.slice(0, length)), `${length} bytes`).to.match(/whole line/);
    }
  });

  it('is refused, when any bit of it is flipped', () => {
    for (let bit = 0; bit < TEXT.length * 8; bit++) {
      const bytes = Buffer.from(TEXT);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(errorOf(bytes.toString()), `bit ${bit}`).to.be.a('string');
    }
  });

  it('is refused, when something was added, or put in its place', () => {
    const zeros = '\0'.repeat(TEXT.length);
    for (const text of [`${TEXT}\n`, ` ${TEXT}`, TEXT + TEXT, `\ufeff${TEXT}`, zeros, 'null', '{}', '[]\n', '"x"\n']) {
      expect(errorOf(text), JSON.stringify(text)).to.match(/whole line|checksum/);
    }
  });

  it('is refused, when it has a format that is not known yet', () => {
    const checked = TEXT.replace('"version":1', '"version":2').replace(/,"checksum".*\n$/, '');
    const text = `${checked},"checksum":"${crc32(checked).toString(16).padStart(8, '0')}"}\n`;
    expect(errorOf(text)).to.equal('it has format 2, and this version of rxforce knows format 1 only');
  });

  it('is refused, when it is the position of another key', () => {
    const others: Partial<PositionKey>[] = [{ organizationId: '00D2' }, { topic: '/data/X' }, { name: 'Crm-sync' }];
    for (const other of others) {
      expect(errorOf(TEXT, { ...KEY, ...other })).to.equal(
        'it is the position "crm-sync" of /data/AccountChangeEvent in org 00D000000000001',
      );
    }
  });
});

describe('The name of a position file', () => {
  it('says whose position it is', () => {
    expect(positionFileStem(KEY)).to.match(/^00D000000000001-data-AccountChangeEvent-crm-sync-[0-9a-f]{24}$/);
  });

  it('is safe on every file system, whatever the key', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('..', '', 'CON', '/', '\ud83d', 'x'.repeat(999)),
    );
    fc.assert(
      fc.property(fc.record({ organizationId: part, topic: part, name: part }), (key) => {
        expect(positionFileStem(key)).to.match(/^[A-Za-z0-9_][A-Za-z0-9_-]{23,146}$/);
      }),
    );
  });

  it('is another for another key, also where case does not count', () => {
    const keys: PositionKey[] = [
      'crm-sync',
      'Crm-sync',
      'crm_sync',
      'crm/sync',
      'crm-sync ',
      'crm',
      '名',
      '前',
      '\ud83d',
      '\ud83e',
    ].map((name) => ({ ...KEY, name }));
    keys.push({ organizationId: KEY.organizationId, topic: `${KEY.topic}-crm`, name: 'sync' });
    const names = keys.map((key) => positionFileStem(key).toLowerCase());
    expect(new Set(names).size).to.equal(keys.length);
  });
});
