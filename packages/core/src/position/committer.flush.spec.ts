import { expect } from 'chai';
import { map, of, Subject, timer } from 'rxjs';
import { runMarbles } from '../testing/run-marbles.js';
import { Committer } from './committer.js';
import { silentStore } from '../stream-life/tell-silence.js';
import { type Answer, atDesk, idOf, never, no, ok } from '../../test/support/commit-desk.js';

describe('Committer', () => {
  describe('flush', () => {
    it('calls back at once, when there is nothing to commit', () => {
      atDesk((desk) => {
        const calls: string[] = [];
        desk.committer.flush(() => calls.push('done'));
        expect(calls).to.deep.equal(['done']);
      });
    });

    it('commits without delay, and calls back once that is durable', () => {
      atDesk((desk, at) => {
        const calls: number[] = [];
        desk.answer = () => timer(30, desk.scheduler).pipe(map(() => ok));
        at(0, () => desk.settle());
        at(50, () => {
          desk.settle();
          desk.committer.flush(() => calls.push(desk.scheduler.now()));
          expect(calls).to.deep.equal([]);
        });
        at(1_000, () => {
          expect(desk.log).to.deep.equal([
            [0, 1],
            [50, 2],
          ]);
          expect(calls).to.deep.equal([80]);
        });
      });
    });

    it('waits for what was settled during the save that is under way', () => {
      atDesk((desk, at) => {
        const calls: number[] = [];
        desk.answer = () => timer(30, desk.scheduler).pipe(map(() => ok));
        at(0, () => desk.settle());
        at(10, () => {
          desk.settle();
          desk.committer.flush(() => calls.push(desk.scheduler.now()));
        });
        at(1_000, () => {
          expect(desk.log).to.deep.equal([
            [0, 1],
            [30, 2],
          ]);
          expect(calls).to.deep.equal([60]);
        });
      });
    });

    it('cuts the pause after a save that failed short, and calls back when the next one succeeded', () => {
      atDesk((desk, at) => {
        const calls: number[] = [];
        desk.answer = () => of(desk.saves.length < 2 ? no : ok);
        at(0, () => desk.settle());
        at(10, () => desk.committer.flush(() => calls.push(desk.scheduler.now())));
        at(1_000, () => expect(calls).to.deep.equal([10]));
      });
    });

    it('begins anew with short pauses, when its save fails after many that failed', () => {
      atDesk((desk, at) => {
        const calls: number[] = [];
        desk.answer = () => of(desk.scheduler.now() < 20_500 ? no : ok);
        at(0, () => desk.settle());
        at(20_000, () => desk.committer.flush(() => calls.push(desk.scheduler.now())));
        at(30_000, () => expect(calls).to.deep.equal([20_500]));
      });
    });

    it('calls back, when the position can never be saved', () => {
      atDesk((desk, at) => {
        const calls: number[] = [];
        desk.answer = () => timer(30, desk.scheduler).pipe(map(() => never));
        at(0, () => {
          desk.settle();
          desk.committer.flush(() => calls.push(desk.scheduler.now()));
        });
        at(1_000, () => expect(calls).to.deep.equal([30]));
      });
    });

    it('calls each one back once, and at once after a stop', () => {
      atDesk((desk, at) => {
        const calls: string[] = [];
        at(0, () => {
          desk.settle();
          desk.committer.flush(() => calls.push('a'));
          desk.committer.flush(() => calls.push('b'));
        });
        at(5, () => {
          expect(calls).to.deep.equal(['a', 'b']);
          desk.committer.stop();
          desk.committer.flush(() => calls.push('c'));
          expect(calls).to.deep.equal(['a', 'b', 'c']);
        });
      });
    });

    it('may be called by who is told that a position is durable', () => {
      runMarbles(({ scheduler, flush }) => {
        const calls: string[] = [];
        const committer: Committer = new Committer({ scheduler, random: () => 1 }, 100, {
          committable: () => ({ replayId: idOf(1), settled: 1 }),
          save: () => of(ok),
          committed: () => committer.flush(() => calls.push('done')),
          commitFailed: () => undefined,
          silent: silentStore,
          failed: () => undefined,
        });
        committer.wake(false);
        flush();
        expect(calls).to.deep.equal(['done']);
      });
    });
  });

  describe('stop', () => {
    it('saves nothing more, and calls back who waits for a flush', () => {
      atDesk((desk, at) => {
        const calls: number[] = [];
        at(0, () => desk.settle());
        at(10, () => {
          desk.settle();
          desk.committer.flush(() => calls.push(desk.scheduler.now()));
          desk.committer.stop();
          expect(calls).to.deep.equal([10]);
          desk.settle(1, true);
        });
        at(1_000, () => expect(desk.log).to.deep.equal([[0, 1]]));
      });
    });

    it('keeps a position that was taken from being written', () => {
      atDesk((desk, at) => {
        at(0, () => desk.settle());
        // Between the turn that takes it and the one that writes it, which have the same time.
        at(0, () => desk.scheduler.schedule(() => desk.committer.stop()));
        at(1_000, () => expect(desk.saves).to.deep.equal([]));
      });
    });

    it('ends the retries of a save', () => {
      atDesk((desk, at) => {
        desk.answer = () => of(no);
        at(0, () => desk.settle());
        at(10, () => desk.committer.stop());
        at(5_000, () => expect(desk.log).to.deep.equal([[0, 1]]));
      });
    });

    it('tells nothing of a save that ends after it', () => {
      atDesk((desk, at) => {
        const answers = new Subject<Answer>();
        desk.answer = () => answers;
        at(0, () => desk.settle());
        at(10, () => {
          desk.committer.stop();
          answers.next(ok);
          expect([desk.committed, desk.committer.committed]).to.deep.equal([[], 0]);
        });
      });
    });
  });
});
