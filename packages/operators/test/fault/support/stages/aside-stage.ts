import { forkJoin, from, map, mergeMap, of, pipe, throwError, timer, type Observable } from 'rxjs';
import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { retryWithDLQ } from '@rxforce/operators';
import { indexOf, type Thing } from '../event-log.js';
import { inBatches } from './collecting-stages.js';
import {
  counted,
  InjectedError,
  PLAIN,
  traitsOf,
  worked,
  type SpecOf,
  type Stage,
  type StageKit,
  type ThingOperator,
} from './stage.js';

/** How long a batch waits for its last event, in milliseconds. */
const BATCH_WAIT_MS = 20;

/** Puts aside by `retryWithDLQ`, and passes on what it put aside, too: who is behind it sees each event once. */
export function asideStage(spec: SpecOf<'aside'>, kit: StageKit): Stage {
  const id = kit.newNumber();
  return {
    ...PLAIN,
    operator: (life) => {
      const { arrived, done } = life.tally(id);
      return pipe(counted(arrived), handled(id, spec, kit), counted(done));
    },
    flow: (life, event, count) => worked(life, id, event, count),
    keepsOrder: spec.concurrency === 1 && spec.size === undefined,
  };
}

/** One by one, or in batches where there is a size. */
function handled(id: number, spec: SpecOf<'aside'>, kit: StageKit): ThingOperator {
  const { concurrency, size } = spec;
  const scheduler = kit.scheduler();
  const options = {
    maxRetries: 1,
    delays: { type: 'constant', delayMs: 3 },
    scheduler,
    concurrency,
    splitBatches: true,
    deadLetters: memoryDeadLetterQueue(),
  } as const;
  const attempt = (event: Thing) => attemptAt(event, id, spec, kit);
  if (size === undefined) {
    return pipe(
      retryWithDLQ(attempt, options),
      map((result) => (result.ok ? result.val : result.val.value)),
    );
  }
  const batchesHandled = pipe(
    retryWithDLQ((events: Thing[]) => forkJoin(events.map(attempt)), options),
    map((result) => (result.ok ? result.val : [result.val.value])),
  );
  return inBatches(size, BATCH_WAIT_MS, scheduler, batchesHandled);
}

function attemptAt(event: Thing, id: number, { work, poison }: SpecOf<'aside'>, kit: StageKit): Observable<Thing> {
  const index = indexOf(event);
  const { how, delayMs } = traitsOf(work, index);
  const fails = index === poison || kit.failsNow(id, index, work);
  const outcome = fails ? throwError(() => new InjectedError(`aside ${id} at ${index}`)) : of(event);
  if (how === 'sync') return outcome;
  if (how === 'promise') return from(Promise.resolve()).pipe(mergeMap(() => outcome));
  return timer(delayMs, kit.scheduler()).pipe(mergeMap(() => outcome));
}
