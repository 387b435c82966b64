import { expect } from 'chai';
import {
  bufferCount,
  concatMap,
  delay,
  groupBy,
  identity,
  ignoreElements,
  map,
  tap,
  timer,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import type { ChangeEvent } from '@rxforce/core';
import { pipelineSuite } from '../../../core/test/support/pipeline-suite.js';
import { range, work } from '../../../core/test/support/held-work.js';
import * as twins from './index.js';

type Events = Observable<ChangeEvent>;

/** What makes groups or windows of events. */
const PARTING: Record<string, (events$: Events) => Observable<Events>> = {
  groupBy: (events$) => events$.pipe(twins.groupBy(({ id }) => Number(id.slice(1)) % 2)),
  windowCount: (events$) => events$.pipe(twins.windowCount(3)),
};

describe('Twins of operators that emit groups and windows', () => {
  const suite = pipelineSuite();
  const { pipeline, position } = suite;

  for (const [name, parts] of Object.entries(PARTING)) {
    describe(name, () => {
      it('has the position move, where a subscriber works on the values, which mergeMap only joins', async () => {
        const { get, errors, warnings } = pipeline((events$) => parts(events$).pipe(twins.mergeMap(identity)), {
          next: () => undefined,
        });
        await get(range(5));
        expect([position(), errors]).to.deep.equal(['e5', []]);
        expect(warnings.join()).to.include('count as done when your subscriber returns');
      });

      it('has the position move, where another operator comes before mergeMap', async () => {
        const { get, errors } = pipeline(
          (events$) =>
            parts(events$).pipe(
              tap(() => undefined),
              twins.mergeMap(identity),
            ),
          { next: () => Promise.resolve() },
        );
        await get(range(5));
        expect([position(), errors]).to.deep.equal(['e5', []]);
      });

      it('has the position move, where an operator works on the values', async () => {
        const { get, errors } = pipeline((events$, { time }) =>
          parts(events$).pipe(twins.mergeMap((part) => part.pipe(twins.concatMap(() => timer(5, time))))),
        );
        await get(range(5));
        expect([position(), errors]).to.deep.equal(['e5', []]);
      });

      it('waits for the promises of a subscriber of each', async () => {
        const { get, errors } = pipeline((events$) => parts(events$), {
          // eslint-disable-next-line @typescript-eslint/no-misused-promises -- it is waited for
          next: (part) => void (part as Events).subscribe(() => new Promise(() => undefined)),
        });
        await get(range(5), 700_000);
        expect([position(), errors]).to.deep.equal([undefined, []]);
      });

      it('is an error, where an operator of RxJS collects what mergeMap has joined', async () => {
        const { get, errors } = pipeline((events$) => parts(events$).pipe(twins.mergeMap(identity), bufferCount(2)), {
          next: () => undefined,
        });
        await get(range(5));
        expect((errors[0] as Error).message).to.include('to emit them together');
      });

      it('is warned of, where an operator of RxJS may have worked, and emitted nothing', async () => {
        const { get, errors, warnings } = pipeline((events$) =>
          parts(events$).pipe(twins.mergeMap((part) => part.pipe(ignoreElements()))),
        );
        await get(range(5), 700_000);
        expect(errors).to.deep.equal([]);
        expect(warnings.join()).to.include('nothing came out of its operators');
      });

      it('is an error, where work of RxJS follows work that holds, and nobody looks at the values', async () => {
        const { get, errors } = pipeline((events$, { time }) =>
          parts(events$.pipe(work(time))).pipe(
            twins.mergeMap((part) => part.pipe(concatMap(({ id }) => Promise.resolve({ id })))),
          ),
        );
        await get(range(5));
        expect((errors[0] as Error).message).to.include('of the last one that works');
      });

      it('is an error, where nobody works', async () => {
        const { get, errors } = pipeline((events$) =>
          parts(events$).pipe(twins.mergeMap((part) => part.pipe(tap(() => undefined)))),
        );
        await get(range(5));
        expect((errors[0] as Error).message).to.include('Nothing after the stream');
        expect(position()).to.equal(undefined);
      });

      const plain: Record<string, OperatorFunction<ChangeEvent, unknown>> = {
        'collects them': bufferCount(2),
        'works on them': concatMap((event: ChangeEvent) => Promise.resolve(event)),
        'delays them': delay(0),
      };
      for (const [what, keeps] of Object.entries(plain)) {
        it(`is an error, where an operator of RxJS ${what}, which holds no event`, async () => {
          const { get, errors } = pipeline(
            (events$) => parts(events$).pipe(twins.mergeMap((part) => part.pipe(keeps))),
            { next: () => undefined },
          );
          await get(range(5));
          await new Promise((resolve) => setTimeout(resolve, 1));
          await get([]);
          expect((errors[0] as Error).message).to.match(/the 1st operator after a group or window .* keeps events/);
        });
      }
    });
  }

  it('hold no event for what operators have made of a group', async () => {
    const { get, errors } = pipeline(
      (events$) =>
        events$.pipe(
          groupBy(({ id }) => Number(id.slice(1)) % 2),
          map((group) => group.pipe(tap(() => undefined))),
          twins.mergeAll(),
        ),
      { next: () => Promise.resolve() },
    );
    await get(range(5));
    expect([position(), errors]).to.deep.equal(['e5', []]);
  });

  it('hold no event for a group that RxJS has made, as its values come by themselves', async () => {
    const { get, errors } = pipeline(
      (events$) => events$.pipe(groupBy(({ id }) => Number(id.slice(1)) % 2)).pipe(twins.mergeMap(identity)),
      { next: () => Promise.resolve() },
    );
    await get(range(5));
    expect([position(), errors]).to.deep.equal(['e5', []]);
  });
});
