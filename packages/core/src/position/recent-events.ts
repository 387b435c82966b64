import { hashOf, type ReplayId } from '../model/replay-id.js';

/** Most events remembered: more than the service can have outstanding, and little memory. */
const MOST = 300;
/** Chains of events whose replay ids have the same hash, a power of two. */
const CHAINS = 512;
const NONE = -1;

/** The events of a ring, each in the chain of its replay id's hash. */
interface Ring {
  readonly ids: string[];
  readonly replayIds: (ReplayId | undefined)[];
  /** The newest event of each chain. */
  readonly newest: Int16Array;
  /** The next older event of the same chain, for each event. */
  readonly older: Int16Array;
}

/**
 * The events received last, to recognize one that the service sends again. An event is identified by its own id
 * together with its replay id: on enriched channels several events share a replay id, and publishers may give several
 * events one id.
 */
export class RecentEvents {
  /** Made at the first event, as many subscriptions wait for theirs. */
  private ring: Ring | undefined;
  /** Where the next event goes, in place of the oldest. */
  private next = 0;

  /**
   * Whether the event came before. It is remembered from here on. An event without an id or a replay id cannot be
   * recognized.
   */
  seen(id: string, replayId: ReplayId | undefined): boolean {
    if (id === '' || replayId === undefined) return false;
    const ring = (this.ring ??= newRing());
    const chain = chainOf(replayId);
    let at = ring.newest[chain] ?? NONE;
    for (; at !== NONE; at = ring.older[at] ?? NONE) {
      if (ring.ids[at] === id && ring.replayIds[at]?.equals(replayId)) return true;
    }
    this.remember(ring, chain, id, replayId);
    return false;
  }

  /** Forgets all. */
  clear(): void {
    this.ring = undefined;
    this.next = 0;
  }

  private remember(ring: Ring, chain: number, id: string, replayId: ReplayId): void {
    const at = this.next;
    this.next = at + 1 === MOST ? 0 : at + 1;
    const replaced = ring.replayIds[at];
    if (replaced) unchain(ring, chainOf(replaced), at);
    ring.ids[at] = id;
    ring.replayIds[at] = replayId;
    ring.older[at] = ring.newest[chain] ?? NONE;
    ring.newest[chain] = at;
  }
}

function newRing(): Ring {
  return {
    ids: new Array<string>(MOST).fill(''),
    replayIds: new Array<undefined>(MOST).fill(undefined),
    newest: new Int16Array(CHAINS).fill(NONE),
    older: new Int16Array(MOST).fill(NONE),
  };
}

function chainOf(replayId: ReplayId): number {
  return hashOf(replayId) & (CHAINS - 1);
}

/** Takes the oldest event out, which is the last of its chain. */
function unchain({ newest, older }: Ring, chain: number, oldest: number): void {
  let at = newest[chain] ?? NONE;
  if (at === oldest) {
    newest[chain] = NONE;
    return;
  }
  while (at !== NONE && older[at] !== oldest) at = older[at] ?? NONE;
  if (at !== NONE) older[at] = NONE;
}
