import { expect } from 'chai';
import fc from 'fast-check';
import { LetterIndex, type PlacedRecord } from './letter-index.js';
import type { RecordHead } from './letter-record.js';

type Head = RecordHead;

/** A record as the tests write it: only who reads files needs to know where in them it is. */
const placed = (head: Head): PlacedRecord => ({ head, offset: 0, length: 10 });

const putOf = (id: string, lastFailedAt: number, putAt: number, removes: Iterable<[string, number[]]> = []): Head => ({
  type: 'put',
  more: 0,
  id,
  lastFailedAt,
  putAt,
  removes: new Map(removes),
});

const removalOf = (...removes: [string, number[]][]): Head => ({ type: 'remove', removes: new Map(removes) });

/** What it keeps, in order. */
const keptBy = (index: LetterIndex) =>
  [...index.kept.inOrder()].map(({ id, file, line }) => `${id} in ${file.name}:${line}`);

/** What it has of each file. */
const filesOf = (index: LetterIndex) =>
  index.files.map(({ name, lines, letters, removedUnread, refersTo }) => ({
    name,
    lines,
    letters: [...letters.keys()],
    removedUnread: [...removedUnread],
    refersTo: [...refersTo].sort(),
  }));

describe('LetterIndex', () => {
  const addAll = (index: LetterIndex, name: string, ...heads: Head[]) => index.add(index.file(name), heads.map(placed));

  it('has the letter that was put last of those that do not know of each other', () => {
    const index = new LetterIndex();
    addAll(index, '1', putOf('a', 5, 100));
    addAll(index, '2', putOf('a', 3, 101));
    addAll(index, '0', putOf('a', 9, 99), putOf('b', 4, 99));
    expect(keptBy(index)).to.deep.equal(['a in 2:1', 'b in 0:2']);
    expect(index.kept.size).to.equal(2);
    expect(index.placesOf(['a'])).to.deep.equal(
      new Map([
        ['2', [1]],
        ['1', [1]],
        ['0', [1]],
      ]),
    );
  });

  it('takes the younger file, then the later line, of letters that were put at the same time', () => {
    const index = new LetterIndex();
    addAll(index, '2', putOf('a', 1, 100), putOf('a', 1, 100), putOf('b', 1, 100));
    addAll(index, '1', putOf('a', 1, 100), putOf('b', 1, 100));
    addAll(index, '3', putOf('b', 1, 100));
    expect(keptBy(index)).to.deep.equal(['a in 2:2', 'b in 3:1']);
  });

  it('has the one before again, when only the last of those that do not know of each other is removed', () => {
    const index = new LetterIndex();
    addAll(index, '1', putOf('a', 1, 100));
    addAll(index, '2', putOf('a', 2, 101));
    addAll(index, '3', putOf('a', 3, 102));
    addAll(index, '4', removalOf(['3', [1]]));
    expect(keptBy(index)).to.deep.equal(['a in 2:1']);
    addAll(index, '4', removalOf(['1', [1]]));
    expect(keptBy(index)).to.deep.equal(['a in 2:1']);
    addAll(index, '4', removalOf(['2', [1]]));
    expect(keptBy(index)).to.deep.equal([]);
    expect(index.placesOf(['a'])).to.deep.equal(new Map());
  });

  it('knows a file to be of use, as long as a letter in it counts, or it refers to a file that is there', () => {
    const index = new LetterIndex();
    addAll(index, '1', putOf('a', 1, 1), putOf('b', 1, 1));
    addAll(index, '2', putOf('a', 2, 2, [['1', [1]]]), removalOf(['2', [1]]));
    const [first, second] = index.files;
    expect([first!.isUseless, second!.isUseless]).to.deep.equal([false, false]);
    addAll(index, '2', removalOf(['1', [2]]));
    expect([first!.isUseless, second!.isUseless]).to.deep.equal([true, false]);
    index.forget(first!);
    expect(second!.isUseless).to.equal(true);
  });

  it('forgets the letters of a file that is gone', () => {
    const index = new LetterIndex();
    addAll(index, '1', putOf('a', 1, 1), putOf('b', 1, 1));
    addAll(index, '2', putOf('a', 2, 2), putOf('c', 2, 2));
    index.forget(index.file('2'));
    expect(keptBy(index)).to.deep.equal(['a in 1:1', 'b in 1:2']);
    expect(index.files.map(({ name }) => name)).to.deep.equal(['1']);
  });

  it('comes to the same, in whatever order the files are read', () => {
    /** Several write; each knows what was written before, or does not. */
    const step = fc.record({
      writer: fc.nat(3),
      type: fc.constantFrom('put', 'put', 'remove', 'blind put'),
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      time: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.infiniteStream(fc.nat(3)), (steps, turns) => {
        const inOrder = new LetterIndex();
        const written = new Map<string, PlacedRecord[]>();
        steps.forEach(({ writer, type, id, time }, putAt) => {
          // Files get younger by the hundred, so that what is referred to is in an older one, as for real, or the same.
          const name = String(100 * Math.floor(putAt / 10) + writer + 100);
          const removes = type === 'blind put' ? new Map<string, number[]>() : inOrder.placesOf([id]);
          const head =
            type === 'remove'
              ? removalOf(...(removes as Map<string, number[]>))
              : putOf(id, time, putAt, removes as Map<string, number[]>);
          written.set(name, [...(written.get(name) ?? []), placed(head)]);
          inOrder.add(inOrder.file(name), [placed(head)]);
        });
        const shuffled = new LetterIndex();
        const names = [...written.keys()];
        const left = new Map([...written].map(([name, records]) => [name, [...records]]));
        for (const turn of turns) {
          const open = names.filter((name) => left.get(name)!.length > 0);
          if (open.length === 0) break;
          const name = open[turn % open.length]!;
          shuffled.add(shuffled.file(name), left.get(name)!.splice(0, 1));
        }
        expect(keptBy(shuffled)).to.deep.equal(keptBy(inOrder));
        expect(filesOf(shuffled)).to.deep.equal(filesOf(inOrder));
      }),
    );
  });
});
