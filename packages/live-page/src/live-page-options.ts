import { asyncScheduler, isObservable, type SchedulerLike } from 'rxjs';
import { checkOptionNames, ConfigurationError, type Logger } from '@rxforce/core/model';
import type { DeadLetterQueue } from '@rxforce/dead-letters';
import type { LiveQueue } from './parts/dead-letters.js';
import type { DrainWork } from './parts/drain.js';
import type { LivePositions } from './parts/positions.js';
import type { HeldUpBy, LiveClient } from './state/live-state.js';

/** What the page shows, and what it may do. */
export interface LivePartsOptions {
  /**
   * Whether the page may change something: redrive and discard letters, set positions, and drain the process
   * where `drain` says how.
   *
   * @defaultValue false
   */
  readonly actions?: boolean;
  /**
   * Whether the values of records are shown, in events and letters. They are people's data.
   *
   * @defaultValue false
   */
  readonly values?: boolean;
  /**
   * Dead-letter queues, by the names that the page has for them.
   *
   * @defaultValue none
   */
  readonly deadLetters?: Readonly<Record<string, DeadLetterQueue | LiveQueue>>;
  /**
   * Where the positions are stored. For several orgs, one for each.
   *
   * @defaultValue none: the page shows the positions that subscriptions have saved
   */
  readonly positions?: LivePositions | readonly LivePositions[];
  /**
   * Drains the process, as on SIGTERM: it resolves once the work is over. A process that ends with it ends the page.
   *
   * @defaultValue none: the page offers no drain
   */
  readonly drain?: DrainWork;
  /**
   * Says what holds the events of a subscription up beside its stream, such as a sink that takes nothing. Its row shows
   * the sentence. It is asked for each subscription that is not on standby, at each reading, so it must answer at once. Whoever may look reads
   * it, so it must have no secrets.
   *
   * @defaultValue nothing is known to hold them up
   */
  readonly heldUpBy?: HeldUpBy;
  /**
   * Gets a line for each action of somebody on the page, as the page itself does: `info`, or `warn` where it failed.
   *
   * @defaultValue none
   */
  readonly logger?: Logger;
  /**
   * Where the time comes from.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/** How `livePage` serves its page. */
export interface LivePageOptions extends LivePartsOptions {
  /**
   * The port, up to 65,535; 0 takes a free one.
   *
   * @defaultValue 8081
   */
  readonly port?: number;
  /**
   * The address to listen on. Any other than one of this machine needs a `token`.
   *
   * @defaultValue `'127.0.0.1'`
   */
  readonly host?: string;
  /**
   * The password of the page, of at least 16 characters. A browser opens `/login?token=…` once.
   *
   * @defaultValue none
   */
  readonly token?: string;
}

/** One client, or several by the names of their orgs. */
export type LiveClients = LiveClient | Readonly<Record<string, LiveClient>>;

const PARTS = {
  actions: true,
  values: true,
  deadLetters: true,
  positions: true,
  drain: true,
  heldUpBy: true,
  logger: true,
  scheduler: true,
} satisfies Record<keyof LivePartsOptions, true>;
const NAMES = { ...PARTS, port: true, host: true, token: true } satisfies Record<keyof LivePageOptions, true>;

/** The options of the page's parts, with the defaults filled in. */
export interface ResolvedParts {
  readonly actions: boolean;
  readonly values: boolean;
  readonly deadLetters: Readonly<Record<string, LiveQueue>>;
  readonly positions: readonly LivePositions[];
  readonly drain: DrainWork | undefined;
  readonly heldUpBy: HeldUpBy | undefined;
  readonly logger: Logger | undefined;
  readonly scheduler: SchedulerLike;
}

/**
 * Fills in the defaults.
 *
 * @param of - The function that takes the options.
 * @throws `ConfigurationError` when an option cannot be right.
 */
export function resolveParts(options: LivePartsOptions, of: 'livePage()' | 'liveParts()'): ResolvedParts {
  checkOptionNames(options, Object.keys(of === 'livePage()' ? NAMES : PARTS), { of });
  const {
    actions = false,
    values = false,
    deadLetters = {},
    positions = [],
    drain,
    heldUpBy,
    logger,
    scheduler = asyncScheduler,
  } = options;
  for (const [name, value] of Object.entries({ actions, values })) {
    if (typeof value !== 'boolean') throw new ConfigurationError(`${of} got ${name}: it must be true or false.`);
  }
  if (drain !== undefined && typeof drain !== 'function') {
    throw new ConfigurationError(`${of} got drain: it must be a function that drains the process.`);
  }
  if (heldUpBy !== undefined && typeof heldUpBy !== 'function') {
    throw new ConfigurationError(`${of} got heldUpBy: it must be a function that says what holds events up.`);
  }
  const queues = Object.entries(deadLetters).map(([name, given]) => [name, queueOf(name, given, of)] as const);
  return {
    ...{ actions, values, drain, heldUpBy, logger, scheduler, deadLetters: Object.fromEntries(queues) },
    positions: Array.isArray(positions) ? (positions as readonly LivePositions[]) : [positions as LivePositions],
  };
}

/**
 * The clients, each with the name of its org.
 *
 * @throws `ConfigurationError` when something is no client.
 */
export function resolveClients(
  clients: LiveClients,
  of: 'livePage()' | 'liveParts()',
): readonly (readonly [string | undefined, LiveClient])[] {
  if (isClient(clients)) return [[undefined, clients]];
  const entries = Object.entries(Object(clients) as Readonly<Record<string, LiveClient>>);
  const wrong = entries.find(([, client]) => !isClient(client));
  if (entries.length > 0 && wrong === undefined) return entries;
  const what = wrong === undefined ? 'no client' : `"${wrong[0]}", which is no client`;
  throw new ConfigurationError(`${of} got ${what}: give what createClient() returns, or several by the names of orgs.`);
}

function isClient(value: unknown): value is LiveClient {
  const { status$, state } = Object(value) as Partial<LiveClient>;
  return isObservable(status$) && typeof state === 'function';
}

function queueOf(name: string, given: DeadLetterQueue | LiveQueue, of: string): LiveQueue {
  const live = 'queue' in Object(given) ? (given as LiveQueue) : { queue: given as DeadLetterQueue };
  if (typeof (Object(live.queue) as Partial<DeadLetterQueue>).list === 'function') return live;
  throw new ConfigurationError(`${of} got deadLetters.${name}: it must be a DeadLetterQueue, or { queue, redrive }.`);
}
