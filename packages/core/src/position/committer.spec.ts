import { expect } from 'chai';
import { map, Subject, timer, type SchedulerLike, type Subscription } from 'rxjs';
import { runMarbles } from '../testing/run-marbles.js';
import { atDesk, Desk, idOf, ok } from '../../test/support/commit-desk.js';

describe('Committer', () => {
  describe('commits', () => {
    it('the first position at once', () => {
      atDesk((desk, at) => {
        at(7, () => desk.settle());
        at(7 + 1, () => {
          expect(desk.log).to.deep.equal([[7, 1]]);
          expect(desk.committed).to.deep.equal([1]);
        });
      });
    });

    it('nothing, when nothing can be committed', () => {
      atDesk((desk, at) => {
        at(1, () => desk.committer.wake(false));
        at(2, () => desk.committer.wake(true));
        at(1_000, () => expect(desk.saves).to.deep.equal([]));
      });
    });

    it('the newest position only, once an interval', () => {
      atDesk((desk, at) => {
        for (let frame = 0; frame < 250; frame += 7) at(frame, () => desk.settle());
        at(1_000, () => {
          expect(desk.log).to.deep.equal([
            [0, 1],
            [100, 15],
            [200, 29],
            [300, 36],
          ]);
        });
      });
    });

    it('at once again, when an interval has passed since the last save began', () => {
      atDesk((desk, at) => {
        at(0, () => desk.settle());
        at(150, () => desk.settle());
        at(1_000, () =>
          expect(desk.log).to.deep.equal([
            [0, 1],
            [150, 2],
          ]),
        );
      });
    });

    it('each position by itself, with an interval of 0', () => {
      atDesk((desk, at) => {
        for (const frame of [1, 2, 3]) at(frame, () => desk.settle());
        at(10, () =>
          expect(desk.log).to.deep.equal([
            [1, 1],
            [2, 2],
            [3, 3],
          ]),
        );
      }, 0);
    });

    it('nothing twice', () => {
      atDesk((desk, at) => {
        at(0, () => desk.settle());
        for (const frame of [10, 150, 300]) at(frame, () => desk.committer.wake(frame === 300));
        at(1_000, () => expect(desk.log).to.deep.equal([[0, 1]]));
      });
    });

    it('nothing, when the position is the one it started at', () => {
      atDesk((desk, at) => {
        desk.committer.startAt(idOf(3));
        expect(desk.committer.lastCommitted?.equals(idOf(3))).to.equal(true);
        expect(desk.committer.committed).to.equal(0);
        desk.settled = 3;
        at(0, () => desk.committer.wake(true));
        at(1_000, () => expect(desk.saves).to.deep.equal([]));
      });
    });

    it('without a save, when further events share the replay id that is durable', () => {
      atDesk((desk, at) => {
        desk.idAt = () => idOf(1);
        at(0, () => desk.settle());
        at(10, () => {
          desk.settle(2);
          expect(desk.committer.committed).to.equal(3);
        });
        at(1_000, () => {
          expect(desk.log).to.deep.equal([[0, 1]]);
          expect(desk.committed).to.deep.equal([1, 3]);
        });
      });
    });
  });

  it('keeps nothing of the commits that are done, however many', () => {
    runMarbles(({ scheduler }) => {
      const actions: Subscription[] = [];
      const desk = new Desk(
        {
          now: () => scheduler.now(),
          schedule: (...args: Parameters<SchedulerLike['schedule']>) => {
            const action = scheduler.schedule(...args);
            actions.push(action);
            return action;
          },
        },
        5,
      );
      for (let count = 0; count < 50; count++) scheduler.schedule(() => desk.settle(), count * 10);
      scheduler.schedule(() => {
        expect(desk.saves).to.have.length(50);
        expect(actions.filter(({ closed }) => !closed)).to.have.length(0);
      }, 1_000);
    });
  });

  describe('an urgent commit', () => {
    it('comes at once, also within the interval', () => {
      atDesk((desk, at) => {
        at(0, () => desk.settle());
        at(10, () => desk.settle());
        at(20, () => desk.settle(1, true));
        at(1_000, () =>
          expect(desk.log).to.deep.equal([
            [0, 1],
            [20, 3],
          ]),
        );
      });
    });

    it('comes at once, when nothing was waiting', () => {
      atDesk((desk, at) => {
        at(0, () => desk.settle());
        at(10, () => desk.settle(1, true));
        at(1_000, () =>
          expect(desk.log).to.deep.equal([
            [0, 1],
            [10, 2],
          ]),
        );
      });
    });

    it('hurries no commit after it', () => {
      atDesk((desk, at) => {
        at(0, () => desk.settle(1, true));
        at(10, () => desk.settle());
        at(1_000, () =>
          expect(desk.log).to.deep.equal([
            [0, 1],
            [100, 2],
          ]),
        );
      });
    });

    it('hurries no commit after it, when there was nothing to commit', () => {
      atDesk((desk, at) => {
        at(0, () => desk.settle());
        at(10, () => desk.committer.wake(true));
        at(20, () => desk.settle());
        at(1_000, () =>
          expect(desk.log).to.deep.equal([
            [0, 1],
            [100, 2],
          ]),
        );
      });
    });

    it('comes right after the save that is under way', () => {
      atDesk((desk, at) => {
        desk.answer = () => timer(30, desk.scheduler).pipe(map(() => ok));
        at(0, () => desk.settle());
        at(10, () => desk.settle(1, true));
        at(20, () => desk.settle());
        at(1_000, () =>
          expect(desk.log).to.deep.equal([
            [0, 1],
            [30, 3],
          ]),
        );
      });
    });
  });

  describe('one save at a time', () => {
    it('holds, when saves take longer than the interval', () => {
      atDesk((desk, at) => {
        desk.answer = () => timer(250, desk.scheduler).pipe(map(() => ok));
        for (let frame = 0; frame < 600; frame += 100) at(frame, () => desk.settle(1, frame % 200 === 0));
        at(2_000, () =>
          expect(desk.log).to.deep.equal([
            [0, 1],
            [250, 3],
            [500, 6],
          ]),
        );
      });
    });

    it('holds, when a save never ends', () => {
      atDesk((desk, at) => {
        desk.answer = () => new Subject();
        for (let frame = 0; frame < 600; frame += 100) at(frame, () => desk.settle(1, true));
        at(2_000, () => expect(desk.log).to.deep.equal([[0, 1]]));
      });
    });

    it('is waited for, when it takes long, and that is told every half a minute', () => {
      atDesk((desk, at) => {
        desk.answer = () => timer(70_000, desk.scheduler).pipe(map(() => ok));
        at(5, () => desk.settle());
        at(90_000, () => {
          expect(desk.silences).to.deep.equal([
            { at: 30_005, attempt: 1, delayMs: 30_000 },
            { at: 60_005, attempt: 2, delayMs: 30_000 },
          ]);
          expect([desk.log, desk.committed, desk.failures]).to.deep.equal([[[5, 1]], [1], []]);
        });
      });
    });
  });

  it('waits no longer than the interval, when the clock was set back', () => {
    runMarbles(({ scheduler, flush }) => {
      scheduler.maxFrames = 1_000_000;
      let offsetMs = 0;
      const clock: SchedulerLike = {
        now: () => scheduler.now() + offsetMs,
        schedule: scheduler.schedule.bind(scheduler),
      };
      const desk = new Desk(clock, 100);
      scheduler.schedule(() => desk.settle(), 5);
      scheduler.schedule(() => {
        offsetMs = -3_600_000;
        desk.settle();
      }, 20);
      flush();
      expect(desk.committed).to.deep.equal([1, 2]);
      expect(desk.log.map(([at]) => at)).to.deep.equal([5, 120 - 3_600_000]);
    });
  });
});
