import type { PositionKey, ReplayStore, StreamPosition } from '@rxforce/core';
import { ConfigurationError, ReplayId, topicOf } from '@rxforce/core/model';
import type { LiveSubscription } from '../state/live-reading.js';
import { textOf } from '../state/subscription-figures.js';

const LEAST_REPLAY_ID_BYTES = 8;

/** Positions in a store, for the page. */
export interface LivePositions {
  readonly store: ReplayStore;
  /** The org's id of 15 characters, or a function that finds it out. Stores have it in their keys. */
  readonly organizationId: string | (() => Promise<string>);
  /**
   * The org's name on the page, where it has several clients.
   *
   * @defaultValue none
   */
  readonly org?: string;
  /**
   * Positions that are shown although no subscription uses them, and the store cannot list them.
   *
   * @defaultValue those of the subscriptions, and those of the org that the store lists
   */
  readonly of?: readonly { readonly topic: string; readonly name: string }[];
}

/** A position as the page shows it. */
export interface ShownPosition {
  readonly org: string | null;
  readonly topic: string;
  readonly name: string;
  /** A replay id, or a time; `null` where none is stored, or the store does not answer. */
  readonly position: string | null;
  /** Why it could not be read. */
  readonly problem: string | null;
  /** When this process saved it last, in epoch milliseconds. */
  readonly savedAt: number | null;
  /** Who uses it; `null` where nobody here does. */
  readonly usedBy: string | null;
}

/** A position that is meant. */
export interface PositionOf {
  readonly org: string | null;
  readonly topic: string;
  readonly name: string;
}

/** The positions of a page. */
export class Positions {
  /** @param subscriptions - The subscriptions as they are now. */
  constructor(
    private readonly stores: readonly LivePositions[],
    private readonly subscriptions: () => readonly LiveSubscription[],
  ) {}

  /** Whether there is a store. */
  get areKept(): boolean {
    return this.stores.length > 0;
  }

  /** What is known of all positions: those of subscriptions, those in stores, and those that the page was told of. */
  async list(): Promise<readonly ShownPosition[]> {
    const now = this.subscriptions();
    const used = now.flatMap(({ org, topic, name }) => (name === null ? [] : [{ org, topic, name }]));
    const told = this.stores.flatMap(({ org = null, of = [] }) =>
      of.map(({ topic, name }) => ({ org, topic: wholeTopic(topic), name })),
    );
    const stored = (await Promise.all(this.stores.map(storedIn))).flat();
    const all = new Map(
      [...told, ...stored, ...used].map((each) => [JSON.stringify([each.org, each.topic, each.name]), each]),
    );
    return Promise.all([...all.values()].map((each) => this.show(each, subscriptionOf(each, now))));
  }

  /**
   * Goes back, or forward, to a place.
   *
   * @param to - `earliest`, a time such as 2026-01-31T12:00:00Z, or a replay id.
   * @throws `ConfigurationError` when it is no place, or the position is in use; the error of the store otherwise.
   */
  async set(given: PositionOf, to: string): Promise<void> {
    const of = { ...given, topic: wholeTopic(given.topic) };
    const position = placeOf(to);
    const kept = this.storeOf(of);
    if (kept === undefined) throw new ConfigurationError('Nobody has told the page where this position is stored.');
    const usedBy = userOf(subscriptionOf(of, this.subscriptions()));
    if (usedBy !== null) throw inUse(usedBy);
    const key = { organizationId: await idOf(kept), topic: of.topic, name: of.name };
    // Another process may use it: a store that can lock says so, and who it is.
    const lock = await kept.store.lock?.(key);
    try {
      await kept.store.save(key, position);
    } finally {
      await lock?.release();
    }
  }

  private async show(of: PositionOf, user: LiveSubscription | undefined): Promise<ShownPosition> {
    const shown = { ...of, usedBy: userOf(user), savedAt: user?.lastCommitAt ?? null, problem: null };
    // A store that saves the position at this moment is not asked for it.
    if (user !== undefined) return { ...shown, position: user.position };
    try {
      const position = await this.load(of);
      return { ...shown, position: position === undefined ? null : textOf(position) };
    } catch (error) {
      return { ...shown, position: null, problem: error instanceof Error ? error.message : String(error) };
    }
  }

  private async load(of: PositionOf): Promise<StreamPosition | undefined> {
    const kept = this.storeOf(of);
    if (kept === undefined) return undefined;
    const key: PositionKey = { organizationId: await idOf(kept), topic: of.topic, name: of.name };
    return kept.store.load(key);
  }

  private storeOf({ org }: PositionOf): LivePositions | undefined {
    return this.stores.find((each) => (each.org ?? null) === org) ?? this.stores.find((each) => each.org === undefined);
  }
}

/** What a store lists. One that cannot, or does not answer, has nothing to add. */
async function storedIn(kept: LivePositions): Promise<readonly PositionOf[]> {
  const { store, org = null } = kept;
  if (store.list === undefined) return [];
  try {
    const keys = await store.list({ organizationId: await idOf(kept) });
    // Beside a position may be what was read of a snapshot.
    return keys.flatMap(({ topic, name }) => (name.endsWith(':snapshot') ? [] : [{ org, topic, name }]));
  } catch {
    return [];
  }
}

/** A topic by its whole name. That of an event log has a number for its partition. */
function wholeTopic(topic: string): string {
  return /^\/(?:data|event)\/\w+#\d+$/.test(topic) ? topic : topicOf(topic);
}

function subscriptionOf(
  { org, topic, name }: PositionOf,
  subscriptions: readonly LiveSubscription[],
): LiveSubscription | undefined {
  return subscriptions.find((each) => each.org === org && each.topic === topic && each.name === name);
}

function userOf(user: LiveSubscription | undefined): string | null {
  if (user === undefined || user.state === 'failed') return null;
  if (user.state === 'standby') return 'another replica, which has the lease';
  return `this process, whose subscription is ${user.state}`;
}

function inUse(usedBy: string): ConfigurationError {
  return new ConfigurationError(
    `The position is in use by ${usedBy}. What is set now, it would overwrite with its next commit: stop it first.`,
  );
}

async function idOf({ organizationId }: LivePositions): Promise<string> {
  return typeof organizationId === 'string' ? organizationId : organizationId();
}

/** @throws `ConfigurationError` when it is no place. */
function placeOf(to: string): StreamPosition {
  const text = to.trim();
  if (text === 'earliest') return new Date(0);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text))) return new Date(text);
  const replayId = replayIdIn(text);
  if (replayId !== undefined) return replayId;
  throw new ConfigurationError('Give "earliest", a time such as 2026-01-31T12:00:00Z, or a replay id.');
}

/** Many a word is base64, too. The service has no replay ids that are so short. */
function replayIdIn(text: string): ReplayId | undefined {
  try {
    const replayId = ReplayId.parse(text);
    return replayId.toBytes().length < LEAST_REPLAY_ID_BYTES ? undefined : replayId;
  } catch {
    return undefined;
  }
}
