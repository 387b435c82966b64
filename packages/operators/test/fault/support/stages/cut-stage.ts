import { first, map, pipe, take, takeUntil, takeWhile, tap, timer, type SchedulerLike } from 'rxjs';
import { limit } from '@rxforce/operators';
import type { Life } from '../life.js';
import { counted, PLAIN, type Place, type SpecOf, type Stage, type StageKit, type ThingOperator } from './stage.js';

/** Ends its part of the pipeline early, in faulty lives. */
export function cutStage(spec: SpecOf<'cut'>, { inBranch }: Place, { newNumber, scheduler }: StageKit): Stage {
  const id = newNumber();
  return {
    ...PLAIN,
    operator: (life) => (life.faulty ? noted(spec, id, life, scheduler()) : (source) => source),
    // What a branch that ended does not take is nobody's; what a whole pipeline does not take comes again.
    flow: (life, event, count) => (inBranch && life.closed.has(id) ? life.tally(id).arrived[event]! : count),
    hasClosed: (life) => life.closed.has(id),
  };
}

/** Notes in the life when it takes no more, and counts what it took. */
function noted({ how, count }: SpecOf<'cut'>, id: number, life: Life, scheduler: SchedulerLike): ThingOperator {
  return pipe(
    cutting(how, count, scheduler),
    tap({ complete: () => life.closed.add(id) }),
    // It takes no more, though it completes later.
    map((event, index) => {
      if (how === 'limit' && index + 1 === count) life.closed.add(id);
      return event;
    }),
    counted(life.tally(id).arrived),
  );
}

function cutting(how: SpecOf<'cut'>['how'], count: number, scheduler: SchedulerLike): ThingOperator {
  switch (how) {
    case 'take':
      return take(count);
    case 'first':
      return first();
    case 'takeWhile':
      return takeWhile((_event, index) => index < count);
    case 'takeUntil':
      return takeUntil(timer(count * 7, scheduler));
    case 'limit':
      return limit(count);
  }
}
