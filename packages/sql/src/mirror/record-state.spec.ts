import { expect } from 'chai';
import fc from 'fast-check';
import { formatState, newestOf, parseState, UNKNOWN, type RecordState, type Version } from './record-state.js';

const version: fc.Arbitrary<Version> = fc
  .tuple(fc.nat(2), fc.bigInt({ min: 0n, max: 1_709_303_151_782_928_388n }), fc.nat(3))
  .map(([ms, number, sequence]) => ({ ms, number, sequence }));
const state: fc.Arbitrary<RecordState> = fc
  .record({
    whole: fc.option(version, { nil: undefined }),
    restoredBy: fc.constantFrom(undefined, 'undeleted' as const, 'read' as const),
    snapshot: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    read: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    deleted: fc.option(version, { nil: undefined }),
    swept: fc.boolean(),
    fields: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c"'), version)).map((entries) => new Map(entries)),
  })
  .map(({ restoredBy, ...rest }) => ({ ...rest, restored: rest.whole && restoredBy }));

const comparable = ({ whole, restored, snapshot, read, deleted, swept, fields }: RecordState) => ({
  ...{ whole, restored, snapshot, read, deleted, swept },
  fields: Object.fromEntries(fields),
});

describe('The state of a row', () => {
  it('comes back from its text', () =>
    fc.assert(
      fc.property(state, (given) => {
        const newest = newestOf(given);
        if (newest === undefined) return;
        const read = parseState(formatState(given), newest);
        expect(comparable(read)).to.deep.equal(comparable(given));
      }),
    ));

  it('needs no text, when a CREATE or a row of a snapshot says everything', () => {
    expect(formatState({ ...UNKNOWN, whole: { ms: 1, number: 2n, sequence: 3 } })).to.equal(null);
    expect(formatState({ ...UNKNOWN, snapshot: 1 })).to.equal(null);
  });
});
