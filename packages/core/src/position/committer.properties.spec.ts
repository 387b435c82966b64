import { expect } from 'chai';
import fc from 'fast-check';
import { asyncScheduler, map, of, timer } from 'rxjs';
import { runMarbles } from '../testing/run-marbles.js';
import { atDesk, Desk, idOf, no, ok } from '../../test/support/commit-desk.js';

describe('Committer', () => {
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
