import { ReplayId, type ReplayStore } from '@rxforce/core';
import { note } from './journal.js';

/** Keeps a position in the parent, which outlives this process, and gives it to the next one. */
export function parentStore(pipeline: string, start: string | undefined): ReplayStore {
  let position = start;
  return {
    load: () => {
      if (position === undefined) return Promise.resolve(undefined);
      return Promise.resolve(position.startsWith('at ') ? new Date(position.slice(3)) : ReplayId.parse(position));
    },
    save: (_key, saved) => {
      position = saved instanceof Date ? `at ${saved.toISOString()}` : saved.toString();
      note({ type: 'position', pipeline, position });
      return Promise.resolve();
    },
  };
}
