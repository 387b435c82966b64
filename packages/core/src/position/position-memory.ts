/**
 * The memory that successive subscriptions of one position share while the process lives. It holds how many events were
 * delivered while nothing was known to work on them, and the work that was still under way when a subscription ended.
 */
export interface PositionMemory {
  /** Events delivered since somebody last worked on one. */
  unworked: number;
  /** How often a subscription ended because nobody worked. */
  endings: number;
  /** When the first of these events was delivered, in the scheduler's milliseconds. */
  since: number | undefined;
  /** For each ended subscription, the work that cannot be stopped and continues, until it is over. */
  readonly running: Set<ReadonlySet<PromiseLike<unknown>>>;
}

const memories = new WeakMap<object, WeakMap<object, Map<string, PositionMemory>>>();

/** A memory that only the subscriptions of one Observable share, where nobody keeps the position. */
export function newMemory(): PositionMemory {
  return { unworked: 0, endings: 0, since: undefined, running: new Set() };
}

/**
 * The memory of a kept position.
 *
 * @param client - The client of the position, as two orgs may share a store.
 * @param keeper - The keeper of the position: its store, or the client again.
 * @param id - The id of the position at its keeper.
 */
export function memoryOf(client: object, keeper: object, id: string): PositionMemory {
  const keepers = memories.get(client) ?? new WeakMap<object, Map<string, PositionMemory>>();
  memories.set(client, keepers);
  const known = keepers.get(keeper) ?? new Map<string, PositionMemory>();
  keepers.set(keeper, known);
  const memory = known.get(id) ?? newMemory();
  known.set(id, memory);
  return memory;
}
