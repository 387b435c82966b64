import { expect } from 'chai';
import fc from 'fast-check';
import { KeptLetters, type KeptLetter } from './kept-letters.js';

interface Numbered extends KeptLetter {
  readonly turn: number;
}

const compare = (a: Numbered, b: Numbered) => a.lastFailedAt - b.lastFailedAt || a.turn - b.turn;

type Action = readonly ['add', string, number] | readonly ['delete', string];

const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
const action = fc.oneof(
  fc.tuple(fc.constant('add' as const), id, fc.nat(5)),
  fc.tuple(fc.constant('delete' as const), id),
);

describe('KeptLetters', () => {
  it('has each letter once and in order, whatever was added and deleted', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 300 }), fc.nat(6), (actions: Action[], before) => {
        const kept = new KeptLetters<Numbered>(compare);
        const model = new Map<string, Numbered>();
        actions.forEach(([type, id, lastFailedAt = 0], turn) => {
          const letter = { id, lastFailedAt, turn, isTaken: false };
          if (type === 'add') kept.add(letter);
          else kept.delete(kept.get(id));
          if (type === 'add') model.set(id, letter);
          else model.delete(id);
          const expected = [...model.values()].sort(compare);
          expect(kept.size).to.equal(model.size);
          if (turn % 7 === 0) expect([...kept.inOrder()]).to.deep.equal(expected);
        });
        const expected = [...model.values()].sort(compare);
        expect([...kept.inOrder()]).to.deep.equal(expected);
        expect([...kept.inOrder(before)]).to.deep.equal(expected.filter(({ lastFailedAt }) => lastFailedAt < before));
      }),
    );
  });

  it('does not grow, when the same letter is added again and again', () => {
    const kept = new KeptLetters<Numbered>(compare);
    for (let turn = 0; turn < 1_000; turn++) kept.add({ id: 'a', lastFailedAt: turn % 3, turn, isTaken: false });
    expect((kept as unknown as { list: unknown[] }).list).to.have.length.below(30);
  });
});
