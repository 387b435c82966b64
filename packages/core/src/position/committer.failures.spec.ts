import { expect } from 'chai';
import { map, of, timer } from 'rxjs';
import { atDesk, idOf, never, no, ok, taken } from '../../test/support/commit-desk.js';

describe('Committer', () => {
  describe('a save that failed', () => {
    it('is made again after longer and longer pauses, with the newest position, and is told', () => {
      atDesk((desk, at) => {
        desk.answer = () => of(desk.saves.length < 4 ? no : ok);
        at(0, () => desk.settle());
        at(600, () => desk.settle());
        at(2_000, () => desk.settle());
        at(10_000, () => {
          expect(desk.log).to.deep.equal([
            [0, 1],
            [500, 1],
            [1_500, 2],
            [3_500, 3],
          ]);
          expect(desk.failures).to.deep.equal([
            { attempt: 1, delayMs: 500 },
            { attempt: 2, delayMs: 1_000 },
            { attempt: 3, delayMs: 2_000 },
          ]);
          expect(desk.committed).to.deep.equal([3]);
        });
      });
    });

    it('counts from one again, after one that succeeded', () => {
      atDesk((desk, at) => {
        const answers = [no, no, ok, no, ok];
        desk.answer = () => of(answers[desk.saves.length - 1]!);
        at(0, () => desk.settle());
        at(5_000, () => desk.settle());
        at(10_000, () => {
          expect(desk.failures.map(({ attempt }) => attempt)).to.deep.equal([1, 2, 1]);
          expect(desk.log.slice(3)).to.deep.equal([
            [5_000, 2],
            [5_500, 2],
          ]);
        });
      });
    });

    it('is not hurried by what is urgent', () => {
      atDesk((desk, at) => {
        desk.answer = () => of(desk.saves.length < 2 ? no : ok);
        at(0, () => desk.settle());
        for (const frame of [10, 20, 30]) at(frame, () => desk.settle(1, true));
        at(1_000, () =>
          expect(desk.log).to.deep.equal([
            [0, 1],
            [500, 4],
          ]),
        );
      });
    });

    it('is the last, when it cannot be made at all', () => {
      atDesk((desk, at) => {
        desk.answer = () => of(never);
        at(0, () => desk.settle());
        at(10, () => desk.settle(1, true));
        at(5_000, () => {
          expect(desk.log).to.deep.equal([[0, 1]]);
          expect(desk.fatal).to.deep.equal([taken]);
          expect(desk.failures).to.deep.equal([]);
          expect(desk.committer.committed).to.equal(0);
        });
      });
    });
  });

  describe('tells what is durable', () => {
    it('only once it is', () => {
      atDesk((desk, at) => {
        desk.answer = () => timer(30, desk.scheduler).pipe(map(() => ok));
        at(0, () => desk.settle(2));
        at(29, () => {
          expect([desk.committer.committed, desk.committer.lastCommitted]).to.deep.equal([0, undefined]);
          desk.settle();
        });
        at(31, () => {
          expect(desk.committer.committed).to.equal(2);
          expect(desk.committer.lastCommitted?.equals(idOf(2))).to.equal(true);
        });
      });
    });
  });
});
