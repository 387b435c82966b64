import { Observable, pipe, type ObservableInput, type Subscriber } from 'rxjs';
import { handle } from '@rxforce/operators';
import { indexOf, type Thing } from '../event-log.js';
import type { Life } from '../life.js';
import { OrderWatch } from './order-watch.js';
import {
  counted,
  InjectedError,
  PLAIN,
  traitsOf,
  worked,
  type Place,
  type SpecOf,
  type Stage,
  type StageKit,
} from './stage.js';

/** Works on each event by `handle`, and watches that it keeps what it promises of order and concurrency. */
export function handleStage(spec: SpecOf<'handle'>, { ordered }: Place, kit: StageKit): Stage {
  const { concurrency, work } = spec;
  const id = kit.newNumber();
  return {
    ...PLAIN,
    operator: (life) => {
      const watch = ordered ? new OrderWatch(concurrency, (rule) => kit.broken(`handle ${id}: ${rule}`)) : undefined;
      return pipe(
        counted(life.tally(id).arrived),
        handle((event) => workOn(event, { id, spec, life, watch, kit }), { concurrency }),
      );
    },
    flow: (life, event, count) => worked(life, id, event, count) * traitsOf(work, event).results,
    keepsOrder: concurrency === 1,
  };
}

/** One subscription of the stage. */
interface Handling {
  readonly id: number;
  readonly spec: SpecOf<'handle'>;
  readonly life: Life;
  readonly watch: OrderWatch | undefined;
  readonly kit: StageKit;
}

function workOn(event: Thing, { id, spec, life, watch, kit }: Handling): ObservableInput<Thing> {
  const index = indexOf(event);
  const { how, delayMs, results } = traitsOf(spec.work, index);
  const fails = kit.failsNow(id, index, spec.work);
  return new Observable<Thing>((subscriber) => {
    const watched = watch?.started(index, event.header.recordIds[0]!);
    subscriber.add(watched);
    const end = () => {
      if (subscriber.closed) return;
      if (fails) {
        subscriber.error(new InjectedError(`handle ${id} at ${index}`));
        return;
      }
      for (let count = 0; count < results; count++) subscriber.next(event);
      if (isClosed(subscriber)) return;
      life.tally(id).done[index]!++;
      watched?.unsubscribe();
      subscriber.complete();
    };
    if (how === 'sync') end();
    else if (how === 'promise') void Promise.resolve().then(end);
    else subscriber.add(kit.scheduler().schedule(end, delayMs));
  });
}

/** Asked anew: it may have been closed meanwhile. */
function isClosed({ closed }: Subscriber<unknown>): boolean {
  return closed;
}
