import { PositionInUseError } from '../model/errors.js';
import { isPartOf } from './is-part-of.js';
import type { PositionKey, ReplayStore, StreamPosition } from '../ports/replay-store.js';

/**
 * Keeps positions in memory, for the lifetime of the store. It is for tests, and for subscriptions that are made again
 * within one process. A new process begins at `from`, as if for the first time.
 *
 * - Memory: one position for each org, topic and name.
 */
export function memoryReplayStore(): ReplayStore {
  const positions = new Map<string, StreamPosition>();
  const locked = new Set<string>();
  return {
    list: (of = {}) => Promise.resolve([...positions.keys()].map(keyIn).filter((key) => isPartOf(of, key))),
    load: (key) => Promise.resolve(copyOf(positions.get(idOf(key)))),
    save: (key, position) => {
      positions.set(idOf(key), copyOf(position));
      return Promise.resolve();
    },
    delete: (key) => {
      positions.delete(idOf(key));
      return Promise.resolve();
    },
    lock: (key) => {
      const id = idOf(key);
      if (locked.has(id)) return Promise.reject(usedHere(key));
      locked.add(id);
      let release = () => void locked.delete(id);
      return Promise.resolve({
        release: () => {
          release();
          // A released lock may belong to another subscription by now.
          release = () => undefined;
          return Promise.resolve();
        },
      });
    },
  };
}

function idOf({ organizationId, topic, name }: PositionKey): string {
  return JSON.stringify([organizationId, topic, name]);
}

function keyIn(id: string): PositionKey {
  const [organizationId = '', topic = '', name = ''] = JSON.parse(id) as string[];
  return { organizationId, topic, name };
}

/** The caller can change a Date, but not a replay id. */
function copyOf<T extends StreamPosition | undefined>(position: T): T {
  return position instanceof Date ? (new Date(position) as T) : position;
}

function usedHere({ topic, name }: PositionKey): PositionInUseError {
  return new PositionInUseError(
    `The position "${name}" of ${topic} is locked in this memoryReplayStore() already: release that lock first, or use ` +
      'another name.',
    { topic },
  );
}
