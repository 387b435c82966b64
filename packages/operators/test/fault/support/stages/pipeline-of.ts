import type { StageSpec } from '../stage-spec.js';
import { asideStage } from './aside-stage.js';
import { batchStage, gatherStage } from './collecting-stages.js';
import { cutStage } from './cut-stage.js';
import { handleStage } from './handle-stage.js';
import { lingerStage } from './linger-stage.js';
import { forkStage, groupStage, nestStage } from './parting-stages.js';
import { distinctStage, filterStage, passStage, throwStage } from './passing-stages.js';
import { traitsOf, type Place, type Stage, type StageContext, type StageKit } from './stage.js';

/** The whole pipeline that a scenario describes, as one stage. */
export function pipelineOf(specs: readonly StageSpec[], context: StageContext): Stage {
  let numbers = 0;
  const kit: StageKit = {
    ...context,
    newNumber: () => numbers++,
    failsNow: firstAttemptsFail(context),
    chain: (inner, place) => chainOf(inner, place, kit),
  };
  return kit.chain(specs, { inBranch: false, ordered: true, early: false });
}

function chainOf(specs: readonly StageSpec[], place: Place, kit: StageKit): Stage {
  let { ordered } = place;
  const stages = specs.map((spec) => {
    const stage = stageOf(spec, { ...place, ordered }, kit);
    ordered &&= stage.keepsOrder;
    return stage;
  });
  return {
    operator: (life) => (source) => stages.reduce((before, stage) => before.pipe(stage.operator(life)), source),
    flow: (life, event, count) => stages.reduce((sum, stage) => stage.flow(life, event, sum), count),
    hasClosed: (life) => stages.some((stage) => stage.hasClosed(life)),
    keepsOrder: stages.every((stage) => stage.keepsOrder),
  };
}

function stageOf(spec: StageSpec, place: Place, kit: StageKit): Stage {
  switch (spec.op) {
    case 'pass':
      return passStage(spec);
    case 'filter':
      return filterStage(spec, kit);
    case 'distinct':
      return distinctStage(kit);
    case 'handle':
      return handleStage(spec, place, kit);
    case 'linger':
      return lingerStage(spec, kit);
    case 'gather':
      return gatherStage(spec, kit);
    case 'batch':
      return batchStage(spec, kit);
    case 'aside':
      return asideStage(spec, kit);
    case 'fork':
      return forkStage(spec, place, kit);
    case 'group':
      return groupStage(spec, place, kit);
    case 'nest':
      return nestStage(spec, kit);
    case 'cut':
      return cutStage(spec, place, kit);
    case 'throw':
      return throwStage(spec, kit);
  }
}

/** The first attempt at an event fails at each stage whose work says so, until all is calm. */
function firstAttemptsFail({ isCalm }: StageContext): StageKit['failsNow'] {
  const attempts = new Map<string, number>();
  return (stage, event, work) => {
    const key = `${stage} ${event}`;
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    return traitsOf(work, event).fails && attempt === 1 && !isCalm();
  };
}
