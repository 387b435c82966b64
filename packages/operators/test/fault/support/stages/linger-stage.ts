import { filter, pipe, tap } from 'rxjs';
import { hold } from '@rxforce/core/delivery';
import { indexOf, type Thing } from '../event-log.js';
import type { Life } from '../life.js';
import { counted, InjectedError, PLAIN, traitsOf, worked, type SpecOf, type Stage, type StageKit } from './stage.js';

/** Goes on after it was unsubscribed, and lets nothing through: what it does then still counts. */
export function lingerStage({ work }: SpecOf<'linger'>, kit: StageKit): Stage {
  const id = kit.newNumber();
  const take = (event: Thing, life: Life) => {
    const index = indexOf(event);
    const held = hold(event);
    const fails = kit.failsNow(id, index, work);
    kit.scheduler().schedule(() => {
      if (fails) {
        held.fail(new InjectedError(`linger ${id} at ${index}`));
        return;
      }
      life.tally(id).done[index]!++;
      held.release();
    }, traitsOf(work, index).delayMs);
  };
  return {
    ...PLAIN,
    operator: (life) =>
      pipe(
        counted(life.tally(id).arrived),
        tap((event) => take(event, life)),
        filter(() => false),
      ),
    flow: (life, event, count) => worked(life, id, event, count) * 0,
  };
}
