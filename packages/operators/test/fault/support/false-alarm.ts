import { createClient, staticSession, type ChangeEvent, type PubSubClient, type StreamPosition } from '@rxforce/core';
import type { Emulator } from '@rxforce/emulator';
import type { Observable, SchedulerLike } from 'rxjs';
import { marksOf } from './unread/things.js';
import type { Account } from './unread/work.js';

export type Lawful = ChangeEvent<Account> & { readonly data: Account };

/** What a lawful pipeline is made with. */
export interface LawfulWork {
  readonly client: PubSubClient;
  readonly changes$: Observable<Lawful>;
  /** The same events, kept nowhere. */
  readonly preview$: Observable<Lawful>;
  readonly save: <T>(thing: T) => Promise<T>;
  readonly saveSync: (thing: unknown) => void;
  /** Keeps the events with even numbers; the others are dropped on purpose. */
  readonly even: (event: Lawful) => boolean;
  /** Drops an event on purpose. */
  readonly none: (event: Lawful) => boolean;
  /** For those that subscribe themselves. */
  readonly ends: { error(error: unknown): void; complete(): void };
}

// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- most return nothing
export type LawfulBuild = (work: LawfulWork) => Observable<unknown> | Promise<unknown> | void;

/** What became of a lawful pipeline. */
export interface LawfulEnd {
  readonly errors: string[];
  readonly warnings: string[];
  /** Events behind the position that were neither saved nor dropped at the time when it was saved. */
  readonly early: number[];
  /** The number of the event at the position. */
  position: number;
}

/** Soon, so that what is early shows. */
const COMMIT_INTERVAL_MS = 10;

/** What all pipelines have. */
interface LawfulWorld {
  readonly emulator: Emulator;
  /** The library's clock. */
  readonly scheduler: SchedulerLike;
  /** The number of the event at a position. */
  readonly numberAt: (id: string) => number;
}

/** Starts a pipeline with a client and a position of its own. */
export function startLawful({ emulator, scheduler, numberAt }: LawfulWorld, name: string, build: LawfulBuild) {
  const { accessToken, instanceUrl, organizationId } = emulator.credentials;
  const end: LawfulEnd = { errors: [], warnings: [], early: [], position: 0 };
  const over = new Set<unknown>();
  let saved: StreamPosition | undefined;
  const noteError = (error: unknown) => {
    const { code, name: kind, message } = error as Error & { readonly code?: string };
    end.errors.push(`${code ?? kind}: ${message}`);
  };
  const client = createClient({
    auth: staticSession({ accessToken, instanceUrl, organizationId }),
    endpoint: emulator.grpcEndpoint,
    insecure: true,
    scheduler,
    logger: { warn: (message) => end.warnings.push(message) },
  });
  const store = {
    load: () => Promise.resolve(saved),
    save: (_key: unknown, position: StreamPosition) => {
      saved = position;
      end.position = position instanceof Date ? 0 : numberAt(position.toString());
      for (let number = 1; number <= end.position; number++) if (!over.has(number)) end.early.push(number);
      return Promise.resolve();
    },
  };
  const saveSync = (thing: unknown) => marksOf(thing).forEach((mark) => over.add(mark));
  const drop = (event: Lawful) => {
    over.add(event.data.AnnualRevenue);
    return false;
  };
  const ends = { error: noteError, complete: () => undefined };
  const made = build({
    client,
    changes$: client.changes<Account>('Account', {
      window: 10,
      replay: { store, name, from: 'earliest', commitIntervalMs: COMMIT_INTERVAL_MS },
    }) as Observable<Lawful>,
    preview$: client.changes<Account>('Account', { replay: 'earliest' }) as Observable<Lawful>,
    save: async (thing) => {
      await new Promise((resolve) => setTimeout(resolve, 3));
      saveSync(thing);
      return thing;
    },
    saveSync,
    even: (event) => event.data.AnnualRevenue % 2 === 0 || drop(event),
    none: drop,
    ends,
  });
  if (made instanceof Promise) made.catch(noteError);
  else made?.subscribe(ends);
  return { end, client };
}
