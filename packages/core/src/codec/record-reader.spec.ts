import { expect } from 'chai';
import fc from 'fast-check';
import { Cursor } from './cursor.js';
import { readerOfFields } from './record-reader.js';

describe('readerOfFields', () => {
  const prototypes = fc.constantFrom(undefined, Object.create(Object.prototype) as object);
  const fields = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'),
      isNullable: fc.constant(false),
      isWanted: fc.boolean(),
      read: fc.constant((cursor: Cursor) => cursor.readByte()),
    }),
    { selector: ({ name }) => name },
  );

  it('reads the same where code may be made of text, and where it may not', () => {
    fc.assert(
      fc.property(fields, prototypes, fc.uint8Array({ minLength: 5, maxLength: 5 }), (all, prototype, bytes) => {
        const read = (generated: boolean) => {
          const cursor = new Cursor(Buffer.from(bytes));
          const record = readerOfFields(all, prototype, generated)(cursor) as object;
          const own = Object.getOwnPropertyDescriptors(record);
          return { own, prototype: Object.getPrototypeOf(record) as unknown, position: cursor.position };
        };
        expect(read(false)).to.deep.equal(read(true));
        expect(read(true).prototype).to.equal(prototype ?? Object.prototype);
        expect(read(true).position).to.equal(all.length);
      }),
    );
  });
});
