import type { StoreError } from '../ports/replay-store.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { asyncScheduler, map, Observable, of, Subject, timer, type SchedulerLike, type Subscription } from 'rxjs';
import { ReplayStoreError, PositionInUseError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import { Err, Ok, type Result } from '../model/result.js';
import { runMarbles } from '../testing/run-marbles.js';
import { Committer, type Commit } from './committer.js';
import { silentStore } from '../stream-life/tell-silence.js';

type Answer = Result<void, StoreError>;

const busy = new ReplayStoreError('busy');
const taken = new PositionInUseError('somebody else has it');
const ok: Answer = Ok(undefined);
const no: Answer = Err(busy);
const never: Answer = Err(taken);

const idOf = (settled: number) => ReplayId.fromBytes(Buffer.from(`e${settled}`));

/** A committer, what it is asked to commit, and what it does. */
class Desk {
  /** Events settled so far. */
  settled = 0;
  /** The position after so many events. */
  idAt: (settled: number) => ReplayId = idOf;
  readonly saves: { readonly at: number; readonly settled: number; readonly position: ReplayId }[] = [];
  readonly committed: number[] = [];
  readonly failures: { readonly attempt: number; readonly delayMs: number }[] = [];
  readonly fatal: unknown[] = [];
  /** When it was told that the store does not answer. */
  readonly silences: { at: number; attempt: number; delayMs: number }[] = [];
  /** Saves under way. */
  open = 0;
  /** How a save ends. */
  answer: () => Observable<Answer> = () => of(ok);
  readonly committer: Committer;

  constructor(
    readonly scheduler: SchedulerLike,
    intervalMs: number,
    random = 1,
  ) {
    this.committer = new Committer({ scheduler, random: () => random }, intervalMs, {
      committable: () => this.committable(),
      save: (replayId) => this.save(replayId),
      committed: ({ settled }) => this.committed.push(settled),
      commitFailed: (error, attempt, delayMs) => {
        if (error !== busy) this.silences.push({ at: this.scheduler.now(), attempt, delayMs });
        else this.failures.push({ attempt, delayMs });
      },
      silent: silentStore,
      failed: (error) => this.fatal.push(error),
    });
  }

  settle(count = 1, urgent = false): void {
    this.settled += count;
    this.committer.wake(urgent);
  }

  /** When each save began, and up to where it was. */
  get log(): [number, number][] {
    return this.saves.map(({ at, settled }) => [at, settled]);
  }

  private committable(): Commit | undefined {
    return this.settled === 0 ? undefined : { replayId: this.idAt(this.settled), settled: this.settled };
  }

  private save(position: ReplayId): Observable<Answer> {
    return new Observable((subscriber) => {
      expect(this.open, 'saves at one time').to.equal(0);
      this.open++;
      const settled = Number(Buffer.from(position.toBytes()).toString().slice(1));
      this.saves.push({ at: this.scheduler.now(), settled, position });
      subscriber.add(() => this.open--);
      subscriber.add(this.answer().subscribe(subscriber));
    });
  }
}

/** Runs a test in virtual time, with a committer that waits 100 ms between two commits. */
function atDesk(test: (desk: Desk, at: (frame: number, action: () => void) => void) => void, intervalMs = 100): void {
  runMarbles(({ scheduler, flush }) => {
    // A save that never ends is told of for ever.
    scheduler.maxFrames = 1_000_000;
    test(new Desk(scheduler, intervalMs), (frame, action) => void scheduler.schedule(action, frame));
    flush();
  });
}

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

  describe('a process that dies of what its last handler threw has not committed the event', () => {
    it('because a position is written two turns after it was settled', () => {
      atDesk((desk) => {
        const turns: string[] = [];
        desk.answer = () => {
          turns.push('save');
          return of(ok);
        };
        desk.settle();
        desk.scheduler.schedule(() => turns.push('the turn that takes it'));
        desk.scheduler.schedule(() => {
          turns.push('a later one');
        });
        turns.push('settled');
        desk.scheduler.schedule(() => expect(turns).to.have.length(4), 1);
      });
    });

    for (const turnsBetween of [0, 1, 2, 5, 20]) {
      for (const intervalMs of [0, 1, 3]) {
        it(`also when another was settled ${turnsBetween} turns before, and commits are ${intervalMs} ms apart`, async () => {
          const desk = new Desk(asyncScheduler, intervalMs);
          const last = 6;
          let thrown = 0;
          const finished = new Promise<void>((resolve) => {
            desk.answer = () => {
              const { settled } = desk.saves.at(-1)!;
              // What RxJS does with the error: a timer started during the call, before the event is settled.
              expect(thrown, 'errors that had come up').to.be.at.least(settled);
              if (settled === last) resolve();
              return of(ok);
            };
          });
          for (let event = 1; event <= last; event++) {
            setTimeout(() => thrown++, 0);
            desk.settle(1, event % 2 === 0);
            for (let turn = 0; turn < turnsBetween; turn++) await new Promise((resolve) => setImmediate(resolve));
          }
          await finished;
        });
      }
    }
  });

  describe('whatever is settled when, and however saves end', () => {
    type Step =
      | { readonly type: 'settle'; readonly count: number; readonly urgent: boolean }
      | { readonly type: 'wake'; readonly urgent: boolean }
      | { readonly type: 'pass'; readonly ms: number }
      | { readonly type: 'flush' };
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ type: fc.constant('settle' as const), count: fc.integer({ min: 1, max: 5 }), urgent: fc.boolean() }),
      fc.record({ type: fc.constant('wake' as const), urgent: fc.boolean() }),
      fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 400 }) }),
      fc.record({ type: fc.constant('flush' as const) }),
    );
    const answer = fc.record({ succeeds: fc.boolean(), ms: fc.constantFrom(0, 0, 1, 20, 150) });
    const world = fc.record({
      steps: fc.array(step, { maxLength: 40 }),
      answers: fc.array(answer, { maxLength: 20 }),
      intervalMs: fc.constantFrom(0, 1, 50, 300),
      sharing: fc.constantFrom(1, 1, 3),
    });

    it('only what was settled is saved, in order, in time, and the last one in the end', () => {
      fc.assert(
        fc.property(world, ({ steps, answers, intervalMs, sharing }) => {
          runMarbles(({ scheduler, flush }) => {
            const desk = new Desk(scheduler, intervalMs);
            desk.idAt = (settled) => idOf(Math.ceil(settled / sharing));
            const urgentAt: number[] = [];
            const flushed: boolean[] = [];
            desk.answer = () => {
              const { settled } = desk.saves.at(-1)!;
              expect(settled, 'saved').to.be.at.most(Math.ceil(desk.settled / sharing));
              const { succeeds, ms } = answers[desk.saves.length - 1] ?? { succeeds: true, ms: 0 };
              const result = succeeds ? ok : no;
              return ms === 0 ? of(result) : timer(ms, scheduler).pipe(map(() => result));
            };
            let now = 0;
            for (const each of steps) {
              if (each.type === 'pass') now += each.ms;
              else scheduler.schedule(() => act(each), now);
            }
            const act = (each: Exclude<Step, { type: 'pass' }>) => {
              if (each.type === 'flush' || each.urgent) urgentAt.push(scheduler.now());
              if (each.type === 'settle') desk.settle(each.count, each.urgent);
              else if (each.type === 'wake') desk.committer.wake(each.urgent);
              else {
                const index = flushed.push(false) - 1;
                const target = desk.settled;
                desk.committer.flush(() => {
                  expect(flushed[index], 'flushed once').to.equal(false);
                  flushed[index] = true;
                  expect(desk.committer.committed, 'durable at the end of a flush').to.be.at.least(target);
                });
              }
            };
            flush();

            const positions = desk.saves.map(({ settled }) => settled);
            expect(positions, 'in order').to.deep.equal([...positions].sort((a, b) => a - b));
            expect(desk.committed, 'told in order').to.deep.equal([...desk.committed].sort((a, b) => a - b));
            expect(new Set(desk.committed).size, 'told once').to.equal(desk.committed.length);
            if (desk.settled > 0) expect(positions.at(-1)).to.equal(Math.ceil(desk.settled / sharing));
            expect(desk.committer.committed, 'durable in the end').to.equal(desk.settled);
            expect(flushed, 'every flush ended').not.to.include(false);
            desk.saves.forEach(({ at }, index) => {
              const before = desk.saves[index - 1];
              if (!before || at - before.at >= intervalMs || answers[index - 1]?.succeeds === false) return;
              expect(
                urgentAt.some((time) => time >= before.at && time <= at),
                `urgent between ${before.at} and ${at}`,
              ).to.equal(true);
            });
          });
        }),
        { numRuns: 1_000 },
      );
    });
  });
});
