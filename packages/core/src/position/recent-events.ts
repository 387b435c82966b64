import { numbersOf, type ReplayId } from '../model/replay-id.js';

/** Most events remembered: more than the service can have outstanding, and little memory. */
const MOST = 300;
/** Room that a subscription begins with. It doubles when it is full, as many topics bring few events. */
const FIRST_ROOM = 32;
const NONE = -1;

/** An event takes four numbers: those of its replay id, and the next older event of its chain. */
const EVENT = 4;
const OLDER = 3;

/** The numbers of the replay id that is looked for. */
const sought = new Int32Array(OLDER);

/** The events of a ring, each in the chain of its replay id's hash. As numbers, which take less than objects. */
interface Ring {
  readonly room: number;
  readonly ids: string[];
  readonly events: Int32Array;
  /** The newest event of each chain. Their number is a power of two. */
  readonly newest: Int16Array;
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
  private isFull = false;

  /**
   * Whether the event came before. It is remembered from here on. An event without an id or a replay id cannot be
   * recognized.
   */
  seen(id: string, replayId: ReplayId | undefined): boolean {
    if (id === '' || replayId === undefined) return false;
    const text = numbersOf(replayId, sought, 0) ? id : `${replayId.toString()} ${id}`;
    const ring = (this.ring ??= newRing(FIRST_ROOM));
    if (has(ring, text)) return true;
    this.remember(this.next < ring.room ? ring : this.moreRoom(ring), text);
    return false;
  }

  /** Forgets all. */
  clear(): void {
    this.ring = undefined;
    this.next = 0;
    this.isFull = false;
  }

  private remember(ring: Ring, text: string): void {
    const at = this.next;
    if (this.isFull) unchain(ring, at);
    ring.ids[at] = text;
    for (let part = 0; part < OLDER; part++) ring.events[at * EVENT + part] = sought[part] ?? 0;
    enchain(ring, at);
    this.next = at + 1;
    if (this.next < MOST) return;
    this.next = 0;
    this.isFull = true;
  }

  /** A ring of twice the room, with the same events. */
  private moreRoom(small: Ring): Ring {
    const ring = newRing(Math.min(MOST, 2 * small.room));
    ring.events.set(small.events);
    for (let at = 0; at < small.room; at++) {
      ring.ids[at] = small.ids[at] ?? '';
      enchain(ring, at);
    }
    this.ring = ring;
    return ring;
  }
}

function newRing(room: number): Ring {
  return {
    room,
    ids: new Array<string>(room).fill(''),
    events: new Int32Array(room * EVENT),
    newest: new Int16Array(2 ** Math.ceil(Math.log2(room))).fill(NONE),
  };
}

/** Whether a ring has an event with this text and the numbers looked for. */
function has({ ids, events, newest }: Ring, text: string): boolean {
  let at = newest[chainOf(newest, sought, 0)] ?? NONE;
  while (at !== NONE) {
    if (isSought(events, at * EVENT) && ids[at] === text) return true;
    at = events[at * EVENT + OLDER] ?? NONE;
  }
  return false;
}

function isSought(events: Int32Array, place: number): boolean {
  return events[place + 1] === sought[1] && events[place] === sought[0] && events[place + 2] === sought[2];
}

function enchain({ events, newest }: Ring, at: number): void {
  const chain = chainOf(newest, events, at * EVENT);
  events[at * EVENT + OLDER] = newest[chain] ?? NONE;
  newest[chain] = at;
}

/** Takes the oldest event out, which is the last of its chain. */
function unchain({ events, newest }: Ring, oldest: number): void {
  const chain = chainOf(newest, events, oldest * EVENT);
  let at = newest[chain] ?? NONE;
  if (at === oldest) {
    newest[chain] = NONE;
    return;
  }
  while (at !== NONE && events[at * EVENT + OLDER] !== oldest) at = events[at * EVENT + OLDER] ?? NONE;
  if (at !== NONE) events[at * EVENT + OLDER] = NONE;
}

/** The chain of the replay id whose numbers are at a place. */
function chainOf({ length }: Int16Array, numbers: Int32Array, place: number): number {
  const hash = (Math.imul(numbers[place] ?? 0, 31) + (numbers[place + 1] ?? 0)) ^ (numbers[place + 2] ?? 0);
  return hash & (length - 1);
}
