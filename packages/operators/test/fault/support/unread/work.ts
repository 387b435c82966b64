import type * as rxjs from 'rxjs';
import type { Observable } from 'rxjs';
import type { ChangeEvent } from '@rxforce/core';

/** What the pipelines are given. */
export interface Account {
  readonly Name: string;
  /** The event's number, from 1. */
  readonly AnnualRevenue: number;
  /** One of three. */
  readonly Industry: string;
}

/** A record was created, so that all fields are there. */
export type AccountEvent = ChangeEvent<Account> & { readonly data: Account };

/** What a pipeline works with. Each saves what it is given: whole events, parts of them, and arrays of either. */
export interface Work {
  readonly changes$: Observable<AccountEvent>;
  /** Another stream of the same client, whose position is kept nowhere. */
  readonly contacts$: Observable<ChangeEvent<{ readonly Email: string }>>;
  /** Takes 2 to 12 ms. */
  readonly save: <T>(thing: T) => Promise<T>;
  /** As `save`, and fails for every tenth event, once in the life of a process. */
  readonly saveOrFail: <T>(thing: T) => Promise<T>;
  /** As `save`, as an HTTP client does it: nothing happens before it is subscribed to. */
  readonly post: <T>(thing: T) => Observable<T>;
  readonly saveSync: (thing: unknown) => void;
  /** Reads something, which takes 2 to 12 ms. Saves nothing. */
  readonly enrich: (event: AccountEvent) => Promise<AccountEvent & { readonly rating: string }>;
  /** For those that subscribe themselves. */
  readonly ends: { error(error: unknown): void; complete(): void };
}

/** Builds a pipeline. What it returns is subscribed to, or waited for. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- most return nothing
export type Build = (work: Work) => Observable<unknown> | Promise<unknown> | void;

/** Where a pipeline keeps its position. */
export type Kept = 'in a store' | 'by the service' | 'nowhere';

/** Which events a pipeline must save: others it drops on purpose. */
export type Covers = 'each' | 'the latest' | 'the latest of a key' | 'what it begins';

/** A pipeline, and what is expected of it. */
export interface Pipeline {
  readonly build: Build;
  readonly kept: Kept;
  readonly covers: Covers;
  /** How many events may wait for more to come. */
  readonly leaves: number;
}

/** What a pipeline is built of: all of RxJS, with or without the twins in place of its own. */
export type Operators = typeof rxjs;

/** Pipelines by name: a function is one that saves each event, and keeps its position in a store. */
export type Pipelines = Readonly<Record<string, Build | Partial<Pipeline>>>;

const USUAL = { kept: 'in a store', covers: 'each', leaves: 0 } as const;

/** What is left out, filled in. */
export function pipelineOf(given: Build | Partial<Pipeline>): Pipeline {
  const { build, ...rest } = typeof given === 'function' ? { build: given } : given;
  if (build === undefined) throw new Error('A pipeline must be built by something.');
  return { ...USUAL, ...rest, build };
}

/** Saves the latest event only: `switchMap`, `debounceTime`. */
export const latest = (build: Build) => ({ build, covers: 'the latest' }) as const;

/** The same for each industry. */
export const latestOfKey = (build: Build) => ({ build, covers: 'the latest of a key' }) as const;

/** Leaves out what comes while it is busy: `exhaustMap`. */
export const begun = (build: Build) => ({ build, covers: 'what it begins' }) as const;

/** Saves so many events together, so that fewer may be left in the end. */
export const inGroupsOf = (size: number, build: Build) => ({ build, leaves: size - 1 });

/** The service keeps the position. */
export const managed = (build: Build) => ({ build, kept: 'by the service' }) as const;

/** A process starts at the earliest event. */
export const withoutStore = (build: Build) => ({ build, kept: 'nowhere' }) as const;
