import * as rxjs from 'rxjs';
import * as twins from '@rxforce/operators/rxjs';
import { pipelineOf, type Operators, type Pipeline, type Pipelines } from '../work.js';
import { collecting } from './collecting.js';
import { combining } from './combining.js';
import { flattening } from './flattening.js';
import { halfRead } from './half-read.js';
import { parting } from './parting.js';
import { sharing } from './sharing.js';
import { subscribing } from './subscribing.js';
import { timing } from './timing.js';
import { unseen } from './unseen.js';

const KINDS = [flattening, collecting, parting, timing, subscribing, sharing, combining, halfRead];
const built = (operators: Operators, kinds = KINDS): Pipelines =>
  Object.assign({}, ...kinds.map((kind) => kind(operators))) as Pipelines;
const named = (pipelines: Pipelines) =>
  Object.entries(pipelines).map(([name, given]): [string, Pipeline] => [name, pipelineOf(given)]);

/** The names of those that may lose events unseen. */
export const UNSEEN: readonly string[] = Object.keys(unseen(rxjs));

/**
 * Those with a store in which a changed import changes something, with the import changed. A bundler may number names.
 */
const TWINNED = named(built({ ...rxjs, ...twins } as Operators, [flattening, collecting, parting, timing]))
  .filter(
    ([, { build, kept }]) =>
      kept === 'in a store' && Object.keys(twins).some((twin) => new RegExp(`\\b${twin}\\d*\\(`).test(String(build))),
  )
  // A group of RxJS's own never ends, so the ones after it would wait for ever; the window is full then, which is said.
  .filter(([name]) => name !== 'groupBy, concatMap(handle(save))')
  .map(([name, pipeline]): [string, Pipeline] => [`${name}, twins`, pipeline]);

/** Those of groups and windows, where only what makes and joins them is imported from the twins. */
const { groupBy, windowCount, mergeMap } = twins;
const HALF_TWINNED = named(built({ ...rxjs, groupBy, windowCount, mergeMap } as Operators, [parting])).map(
  ([name, pipeline]): [string, Pipeline] => [`${name}, some twins`, pipeline],
);

/** The names of those with twins. */
export const WITH_TWINS: readonly string[] = TWINNED.map(([name]) => name);

/** All pipelines, by name. */
export const PIPELINES: ReadonlyMap<string, Pipeline> = new Map([
  ...named(built(rxjs)),
  ...named(unseen(rxjs)),
  ...TWINNED,
  ...HALF_TWINNED,
]);
