import { pipelineOf, type Pipeline } from '../work.js';
import { collecting } from './collecting.js';
import { combining } from './combining.js';
import { flattening } from './flattening.js';
import { halfRead } from './half-read.js';
import { sharing } from './sharing.js';
import { subscribing } from './subscribing.js';
import { timing } from './timing.js';
import { unseen } from './unseen.js';

const ALL = {
  ...flattening,
  ...collecting,
  ...timing,
  ...subscribing,
  ...sharing,
  ...combining,
  ...halfRead,
  ...unseen,
};

/** All pipelines, by name. */
export const PIPELINES: ReadonlyMap<string, Pipeline> = new Map(
  Object.entries(ALL).map(([name, given]) => [name, pipelineOf(given)]),
);

/** The names of those that lose events unseen. */
export const UNSEEN: readonly string[] = Object.keys(unseen);
