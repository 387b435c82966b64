import { setTimeout } from 'node:timers/promises';
import { defer, type Observable } from 'rxjs';
import type { PubSubClient } from '@rxforce/core';
import { seeded } from '../../../../../core/test/fault/support/seeded.js';
import { note } from './journal.js';
import { marksOf, type Mark } from './things.js';
import type { AccountEvent, Work } from './work.js';

/** What a pipeline works with is made of. */
export interface WorkSettings {
  readonly pipeline: string;
  readonly client: PubSubClient;
  readonly changes$: Observable<AccountEvent>;
  readonly ends: Work['ends'];
  readonly seed: number;
  readonly stuckAfter: number | null;
}

/** Makes what a pipeline works with. All that it saves is noted, so that it outlives the process. */
export function workOf({ pipeline, client, changes$, ends, seed, stuckAfter }: WorkSettings): Work {
  const random = seeded(seed + pipeline.length);
  const write = (type: 'begun' | 'done', thing: unknown) => {
    const marks = marksOf(thing);
    if (marks.length > 0) note({ type, pipeline, marks });
  };
  const aWhile = () => setTimeout(2 + random.below(10));
  const never = new Promise<void>(() => undefined);
  const isStuck = (mark: Mark) => stuckAfter !== null && Number(mark) > stuckAfter && (Number(mark) + seed) % 7 === 0;
  const failed = new Set<unknown>();

  const save = async <T>(thing: T): Promise<T> => {
    write('begun', thing);
    await (marksOf(thing).some(isStuck) ? never : aWhile());
    write('done', thing);
    return thing;
  };
  const saveOrFail = async <T>(thing: T): Promise<T> => {
    const [mark] = marksOf(thing);
    if (Number(mark) % 10 > 0 || failed.has(mark)) return save(thing);
    failed.add(mark);
    await aWhile();
    throw new Error('503: try again');
  };
  return {
    changes$,
    contacts$: client.changes('Contact', { replay: 'earliest' }),
    ends,
    save,
    saveOrFail,
    saveSync: (thing) => write('done', thing),
    post: (thing) => defer(() => save(thing)),
    enrich: async (event) => {
      await aWhile();
      return { ...event, rating: 'hot' };
    },
  };
}
