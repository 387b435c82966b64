import {
  concatMap,
  distinctUntilChanged,
  EMPTY,
  filter,
  map,
  merge,
  mergeMap,
  of,
  pipe,
  share,
  switchMap,
  tap,
} from 'rxjs';
import { byChangeType, filterField } from '@rxforce/operators';
import { indexOf, KINDS, TYPES, type Thing } from '../event-log.js';
import { counted, InjectedError, PLAIN, type SpecOf, type Stage, type StageKit, type ThingOperator } from './stage.js';

// Stages that pass an event on, drop it or throw, all within the call.

/** An operator of RxJS that passes all on. */
export function passStage({ how }: SpecOf<'pass'>): Stage {
  return { ...PLAIN, operator: () => passing(how) };
}

/** Drops events by what they are. */
export function filterStage({ by, bits }: SpecOf<'filter'>, { log }: StageKit): Stage {
  const chosen = <T>(values: readonly T[]) => values.filter((_value, index) => bits & (1 << index));
  const traitOf = (event: number) => {
    const { type, kind } = log.trait(event);
    return { index: event % 3, byChangeType: type, filterField: kind }[by];
  };
  const keeps = (event: number) => (bits & (1 << traitOf(event))) !== 0;
  const operator: ThingOperator = {
    index: filter<Thing>((event) => keeps(indexOf(event))),
    byChangeType: byChangeType<Thing>(...chosen(TYPES)),
    filterField: filterField<Thing, 'in'>('Kind', 'in', chosen(KINDS)),
  }[by];
  return { ...PLAIN, operator: () => operator, flow: (_life, event, count) => (keeps(event) ? count : 0) };
}

/** Drops an event of the same record as the one before. */
export function distinctStage({ newNumber }: StageKit): Stage {
  const id = newNumber();
  return {
    ...PLAIN,
    operator: (life) =>
      pipe(
        counted(life.tally(id).arrived),
        distinctUntilChanged((before: Thing, event: Thing) => {
          const same = before.data.Kind === event.data.Kind;
          if (same) life.tally(id).done[indexOf(event)]!++;
          return same;
        }),
      ),
    // `done` counts what was dropped.
    flow: (life, event, count) => (life.tally(id).arrived[event] === count ? count - life.tally(id).done[event]! : NaN),
  };
}

/** Throws at an event, once. */
export function throwStage({ event: at }: SpecOf<'throw'>, { isCalm }: StageKit): Stage {
  let thrown = false;
  const operator = tap<Thing>((event) => {
    if (thrown || isCalm() || indexOf(event) !== at) return;
    thrown = true;
    throw new InjectedError(`map at ${at}`);
  });
  return { ...PLAIN, operator: () => operator };
}

function passing(how: SpecOf<'pass'>['how']): ThingOperator {
  switch (how) {
    case 'spread':
      return map((event) => ({ ...event }));
    case 'data':
      return map(({ header, data }) => ({ header, data }) as Thing);
    case 'tap':
      return tap(() => undefined);
    case 'mergeEmpty':
      return (source) => merge(source, EMPTY);
    case 'mergeOf':
      return mergeMap((event) => of(event));
    case 'concatOf':
      return concatMap((event) => of(event));
    case 'switchOf':
      return switchMap((event) => of(event));
    case 'share':
      return share();
  }
}
