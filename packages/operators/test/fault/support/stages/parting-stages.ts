import { connect, groupBy, merge, mergeMap, of, pipe, share, switchMap, type Observable } from 'rxjs';
import type { Thing } from '../event-log.js';
import type { Life } from '../life.js';
import type { StageSpec } from '../stage-spec.js';
import { counted, PLAIN, type Place, type SpecOf, type Stage, type StageKit } from './stage.js';

// Stages that part the pipeline, and merge the parts again: order is lost behind them.

/** Gives all events to each of several branches. */
export function forkStage({ how, branches }: SpecOf<'fork'>, { ordered, early }: Place, kit: StageKit): Stage {
  const parts = branches.map((specs) => branchOf(specs, { inBranch: true, ordered, early }, kit));
  const all = (life: Life, source: Observable<Thing>) =>
    merge(...parts.map((part) => source.pipe(part.operator(life))));
  return {
    operator: (life) =>
      how === 'connect' || early ? connect((source) => all(life, source)) : (source) => all(life, source.pipe(share())),
    flow: (life, event, count) => parts.reduce((sum, part) => sum + part.flow(life, event, count), 0),
    hasClosed: (life) => parts.every((part) => part.hasClosed(life)),
    keepsOrder: false,
  };
}

/** A pipeline for each record. */
export function groupStage({ inner: specs }: SpecOf<'group'>, { early }: Place, kit: StageKit): Stage {
  const inner = branchOf(specs, { inBranch: true, ordered: false, early }, kit);
  return {
    ...PLAIN,
    operator: (life) =>
      pipe(
        groupBy((event) => event.data.Kind!),
        mergeMap((group$) => group$.pipe(inner.operator(life))),
      ),
    flow: inner.flow,
    keepsOrder: false,
  };
}

/** A pipeline for each event. */
export function nestStage({ how, inner: specs }: SpecOf<'nest'>, kit: StageKit): Stage {
  const inner = branchOf(specs, { inBranch: true, ordered: false, early: true }, kit);
  return {
    ...PLAIN,
    operator: (life) => {
      const each = (event: Thing) => of(event).pipe(inner.operator(life));
      return how === 'switch' && life.faulty ? switchMap(each) : mergeMap(each);
    },
    flow: inner.flow,
    keepsOrder: false,
  };
}

/** A part of a pipeline that may end without the rest: what comes to it is counted. */
function branchOf(specs: readonly StageSpec[], place: Place, kit: StageKit): Stage {
  const id = kit.newNumber();
  const inner = kit.chain(specs, place);
  return {
    ...inner,
    operator: (life) => pipe(counted(life.tally(id).arrived), inner.operator(life)),
    flow: (life, event, count) => {
      const arrived = life.tally(id).arrived[event]!;
      return arrived === count || inner.hasClosed(life) ? inner.flow(life, event, arrived) : NaN;
    },
  };
}
