import { deepStrictEqual } from 'node:assert';
import { expect } from 'chai';
import fc from 'fast-check';
import { changeEvent } from '@rxforce/core/testing';
import { DeadLetterQueueError, ReplayId } from '@rxforce/core/model';
import { letterOf } from './testing/queue-kit.js';
import { formatDeadLetter, parseDeadLetter } from './dead-letter-codec.js';

const written = (value: unknown) => formatDeadLetter(letterOf('a', 1, { value })).unwrap();
const roundTrip = (value: unknown) => parseDeadLetter(written(value)).unwrap().value;

const errorOf = (value: unknown) => {
  const result = formatDeadLetter(letterOf('the-id', 1, { value }));
  expect(result.val).to.be.instanceOf(DeadLetterQueueError).and.include({ retriable: false });
  return (result.val as DeadLetterQueueError).message;
};

/** Everything that survives, below everything that holds it; but for dates that are none, which equal nothing. */
const { anything } = fc.letrec((tie) => ({
  anything: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(undefined, null, NaN, Infinity, -Infinity, 0, -0),
    fc.boolean(),
    fc.double(),
    fc.bigInt(),
    fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array(),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(tie('anything')),
    fc.array(tie('anything')).map((items) => new Set(items)),
    fc.array(fc.tuple(tie('anything'), tie('anything'))).map((pairs) => new Map(pairs)),
    fc
      .array(
        fc.tuple(
          fc.oneof(fc.string(), fc.constantFrom('$', '$bigint', '$$', '__proto__', 'toString')),
          tie('anything'),
        ),
      )
      .map((fields) => Object.fromEntries(fields) as unknown),
  ),
}));

describe('A dead letter as text', () => {
  it('gives back every value that is made of what survives', () => {
    fc.assert(
      fc.property(anything, (value) => {
        deepStrictEqual(roundTrip(value), value);
      }),
      { numRuns: 500 },
    );
  });

  it('is one line', () => {
    fc.assert(fc.property(anything, (value) => !written(value).includes('\n')));
  });

  it('survives UTF-8, also with halves of characters in it', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const text = written(value);
        expect(Buffer.from(text).toString()).to.equal(text);
      }),
    );
  });

  it('can be read by people', () => {
    const value = { at: new Date(0), big: 5n, bytes: Uint8Array.of(1), id: ReplayId.parse('AAE='), $a: -0 };
    expect((JSON.parse(written(value)) as { value: unknown }).value).to.deep.equal({
      at: { $date: '1970-01-01T00:00:00.000Z' },
      big: { $bigint: '5' },
      bytes: { $bytes: 'AQ==' },
      id: { $replayId: 'AAE=' },
      $$a: { $number: '-0' },
    });
  });

  it('has what toJSON() gives, and the fields of an object whose toJSON() gives itself', () => {
    const own = { a: 1, toJSON: () => own };
    const asked = { toJSON: (name: string) => ({ name, big: 1n }) };
    expect(roundTrip({ own, asked })).to.deep.equal({ own: { a: 1 }, asked: { name: 'asked', big: 1n } });
    expect(roundTrip(asked)).to.have.property('name', 'value');
  });

  it('has the values of what only reads as text, such as a header', () => {
    const { header } = changeEvent({ commitNumber: 2n ** 60n });
    expect(JSON.stringify(header)).to.include('"1152921504606846976"');
    expect(written(header)).to.include('{"$bigint":"1152921504606846976"}');
  });

  it('can be printed once it is read, with a header in it', () => {
    const { value } = parseDeadLetter(written(changeEvent({ commitNumber: 2n ** 60n }))).unwrap();
    expect(JSON.stringify(value)).to.include('"commitNumber":"1152921504606846976"');
    expect(Object.keys(value as object)).not.to.include('toJSON');
  });

  it('has a hole of an array as undefined', () => {
    expect(roundTrip([1, , 2])).to.deep.equal([1, undefined, 2]);
  });

  describe('cannot be made of a value that', () => {
    it('contains itself', () => {
      const circle: Record<string, unknown> = {};
      circle.list = [new Map([['key', new Set([circle])]])];
      expect(errorOf({ circle })).to.include('the-id').and.include('contains itself, by list.0.value.0');
      const map = new Map<unknown, unknown>();
      map.set(map, 1);
      expect(errorOf(map)).to.include('contains itself');
    });

    it('throws when it is read', () => {
      const error = new Error('not now');
      const throwing = () => {
        throw error;
      };
      expect(errorOf(Object.defineProperty({}, 'a', { get: throwing, enumerable: true }))).to.include('not now');
      expect(errorOf({ toJSON: throwing })).to.include('not now');
      expect(errorOf({ toJSON: () => ({ toJSON: () => Promise.reject.call(undefined, error) }) })).to.include('the-id');
    });

    it('goes too deep', () => {
      expect(errorOf(Array.from({ length: 20_000 }).reduce((below) => [below], 1))).to.match(/call stack/);
    });

    it('is in a letter without an id or a time', () => {
      expect(formatDeadLetter(letterOf(5 as never)).val).to.be.instanceOf(DeadLetterQueueError);
      expect(formatDeadLetter(letterOf('a', NaN)).val)
        .to.have.property('message')
        .that.includes('lastFailedAt');
      expect(formatDeadLetter(null as never).val).to.be.instanceOf(DeadLetterQueueError);
    });
  });

  it('is not read from another text', () => {
    for (const text of ['', '{', 'null', '5', '[]', '{}', '{"id":1,"lastFailedAt":1}', '{"id":"a"}']) {
      expect(parseDeadLetter(text).val).to.be.a('string');
    }
    const later = written(1n).replace('$bigint', '$decimal');
    expect(parseDeadLetter(later).val).to.equal('it has a $decimal, which this version of rxforce does not know');
    expect(parseDeadLetter(written(1n).replace('"1"', '"x"')).val).to.be.a('string');
  });
});
