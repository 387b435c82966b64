import { mergeMap, Observable, pipe, type OperatorFunction, type SchedulerLike } from 'rxjs';
import { hold, joinHolds, type Hold } from '@rxforce/core/delivery';
import { batchBy } from '@rxforce/operators';
import { indexOf, type Thing } from '../event-log.js';
import { counted, PLAIN, worked, type SpecOf, type Stage, type StageKit, type ThingOperator } from './stage.js';

// Stages that collect events, and pass them on together.

/** The smallest operator that collects: it waits for as many as told, or the end. */
export function gatherStage({ size }: SpecOf<'gather'>, { newNumber }: StageKit): Stage {
  const id = newNumber();
  return {
    ...PLAIN,
    operator: (life) =>
      pipe(
        counted(life.tally(id).arrived),
        gather(size, life.tail$, (event) => life.tally(id).done[indexOf(event)]!++),
      ),
    flow: (life, event, count) => worked(life, id, event, count),
  };
}

/** Collects by `batchBy`, and passes each batch on, event by event. */
export function batchStage({ size, maxWaitMs }: SpecOf<'batch'>, { newNumber, scheduler }: StageKit): Stage {
  const id = newNumber();
  return {
    ...PLAIN,
    operator: (life) => {
      const { arrived, done } = life.tally(id);
      return pipe(
        counted(arrived),
        inBatches(size, maxWaitMs, scheduler(), (batches) => batches),
        counted(done),
      );
    },
    flow: (life, event, count) => worked(life, id, event, count),
  };
}

/** Collects by `batchBy`, works on the batches, and passes on what comes of them one by one. */
export function inBatches(
  size: number,
  maxWaitMs: number,
  scheduler: SchedulerLike,
  work: OperatorFunction<Thing[], Thing[]>,
): ThingOperator {
  return pipe(
    batchBy<Thing>(size, maxWaitMs, { scheduler }),
    work,
    mergeMap((batch) => batch),
  );
}

function gather(size: number, tail$: Observable<void>, done: (event: Thing) => void): ThingOperator {
  return (source) =>
    new Observable((subscriber) => {
      let kept: { readonly event: Thing; readonly held: Hold }[] = [];
      const flush = () => {
        const batch = kept;
        kept = [];
        const held = joinHolds(batch.map((item) => item.held));
        batch.forEach(({ event }) => {
          held.emit(subscriber, event);
          if (!subscriber.closed) done(event);
        });
        held.release();
      };
      subscriber.add(() => kept.forEach(({ held }) => held.abandon()));
      subscriber.add(tail$.subscribe(flush));
      subscriber.add(
        source.subscribe({
          next: (event) => {
            kept.push({ event, held: hold(event) });
            if (kept.length >= size) flush();
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            flush();
            subscriber.complete();
          },
        }),
      );
    });
}
