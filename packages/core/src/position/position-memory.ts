/**
 * What subscriptions of one position have in common while the process lives, one after the other: how many events were handed
 * out while nothing was known to work on them, and the work that was still under way when one ended.
 */
export interface PositionMemory {
  /** Events handed out since somebody last worked on one. */
  unworked: number;
  /** How often a subscription ended because nobody worked. */
  endings: number;
  /** When the first of them was, in the scheduler's milliseconds. */
  since: number | undefined;
  /** Of each ended subscription the work that cannot be stopped and goes on, until it is over. */
  readonly running: Set<ReadonlySet<PromiseLike<unknown>>>;
}

const memories = new WeakMap<object, WeakMap<object, Map<string, PositionMemory>>>();

/**
 * The memory of a position.
 *
 * @param client - Whose it is: two orgs may share a store.
 * @param keeper - Who keeps the position: its store, the client again, or the Observable where there is neither.
 * @param id - Which of its positions.
 */
export function memoryOf(client: object, keeper: object, id: string): PositionMemory {
  const keepers = memories.get(client) ?? new WeakMap<object, Map<string, PositionMemory>>();
  memories.set(client, keepers);
  const known = keepers.get(keeper) ?? new Map<string, PositionMemory>();
  keepers.set(keeper, known);
  const memory = known.get(id) ?? { unworked: 0, endings: 0, since: undefined, running: new Set() };
  known.set(id, memory);
  return memory;
}
