import type { MonoTypeOperatorFunction } from 'rxjs';
import { DeadLetters, type Audit } from './parts/dead-letters.js';
import { Drain } from './parts/drain.js';
import { LogLags } from './parts/log-lags.js';
import { Positions } from './parts/positions.js';
import { WatchedEvents } from './parts/watched-events.js';
import {
  resolveClients,
  resolveParts,
  type LiveClients,
  type LivePageOptions,
  type LivePartsOptions,
} from './live-page-options.js';
import { liveRoutes } from './live-routes.js';
import type { PageRoute } from './server/route.js';
import { servePage } from './server/serve-page.js';
import type { HappenedLevel } from './state/live-reading.js';
import { LiveState, type SnapshotSource } from './state/live-state.js';
import type { Happened } from './state/what-happened.js';

/** A line for the log of the page. */
export interface LiveNote {
  readonly level: HappenedLevel;
  /** One sentence, without values of records. */
  readonly text: string;
  /**
   * The name of the org, where the page has several.
   *
   * @defaultValue none
   */
  readonly org?: string | undefined;
  /**
   * The topic that it is about.
   *
   * @defaultValue none
   */
  readonly topic?: string | undefined;
  /**
   * The name of the position of a subscription.
   *
   * @defaultValue none
   */
  readonly name?: string | undefined;
}

/** The page without a server: routes for a server of one's own, made by `servePage` of `@rxforce/live-page/page`. */
export interface LiveParts {
  /** The page, its files, its readings and its actions. */
  readonly routes: readonly PageRoute[];
  /**
   * Shows the events that pass, to those who look at them: `changes$.pipe(page.watching(), handle(save))`. It holds
   * nothing, and keeps nothing while nobody looks.
   */
  watching<E>(): MonoTypeOperatorFunction<E>;
  /**
   * Shows the reading of records, too: what `records().changes()` returns.
   *
   * @param org - The name of its org, where the page has several.
   */
  observe(source: SnapshotSource, org?: string): void;
  /** Puts a line into the log of what happened, such as that an event was put aside. */
  note(noted: LiveNote): void;
  /** Hears nothing more. */
  close(): void;
}

/** A page that is served. */
export interface LivePage extends Omit<LiveParts, 'routes' | 'close'> {
  /** Its address: `http://127.0.0.1:8081`. */
  readonly url: string;
  /** Closes all connections, and frees the port. */
  close(): Promise<void>;
}

/**
 * Serves a page that shows what clients do right now: subscriptions with state, rates, window and lag, dead letters,
 * positions, and what happened. It is for this machine only, and only shows, unless options say otherwise.
 *
 * ```ts
 * const page = await livePage(client);
 * client.changes('Account').pipe(page.watching(), handle(save)).subscribe();
 * ```
 *
 * It hears what `status$` reports from now on, and asks for states only while somebody looks. Its server keeps the
 * process alive until it is closed.
 *
 * @param clients - What `createClient` or `createLogClient` returns; or several by the names of their orgs.
 * @throws rejects with a `ConfigurationError` when the port cannot be had, or an option cannot be right.
 */
export async function livePage(clients: LiveClients, options: LivePageOptions = {}): Promise<LivePage> {
  const { port = 8081, host = '127.0.0.1', token } = options;
  const { routes, ...parts } = partsOf(clients, options, 'livePage()');
  try {
    const server = await servePage({ routes, port, host, ...(token !== undefined && { token }) });
    const close = async () => {
      parts.close();
      await server.close();
    };
    return { ...parts, url: server.url, close };
  } catch (error) {
    parts.close();
    throw error;
  }
}

/**
 * The page for a server of one's own, which may answer probes on the same port.
 *
 * @param clients - As for `livePage`.
 * @throws `ConfigurationError` when an option cannot be right.
 */
export function liveParts(clients: LiveClients, options: LivePartsOptions = {}): LiveParts {
  return partsOf(clients, options, 'liveParts()');
}

function partsOf(clients: LiveClients, options: LivePartsOptions, of: 'livePage()' | 'liveParts()'): LiveParts {
  const resolved = resolveParts(options, of);
  const { actions, values, deadLetters: queues, positions: stores, logger, scheduler } = resolved;
  const all = resolveClients(clients, of);
  const state = new LiveState(all, scheduler, resolved.heldUpBy);
  const events = new WatchedEvents(values, () => scheduler.now());
  const audit = (happened: Pick<Happened, 'level' | 'text'> & Partial<Happened>) => {
    state.note({ type: 'action', org: null, topic: null, name: null, ...happened });
    const line = `on the live page: ${happened.text}`;
    if (happened.level === 'info') logger?.info?.(line);
    else logger?.warn(line);
  };
  const done: Audit = (level, text) => audit({ level, text });
  const deadLetters = new DeadLetters(queues, done, scheduler);
  const drain = new Drain(resolved.drain, done, scheduler);
  const lags = new LogLags(all, scheduler);
  const positions = new Positions(stores, () => state.read().subscriptions);
  return {
    routes: liveRoutes({ state, events, deadLetters, positions, drain, lags, actions, values, audit }),
    watching: () => events.watching(),
    observe: (source, org) => state.observe(source, org),
    note: ({ level, text, org = null, topic = null, name = null }) =>
      state.note({ type: 'note', level, text, org, topic, name }),
    close: () => state.close(),
  };
}
