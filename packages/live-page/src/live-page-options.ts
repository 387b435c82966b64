import { asyncScheduler, isObservable, type SchedulerLike } from 'rxjs';
import { checkOptionNames, ConfigurationError, kindOf, type Logger } from '@rxforce/core/model';
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
   * the sentence. It is asked for each subscription that is not on standby, at each reading, so it must answer at
   * once. Whoever may look reads it, so it must have no secrets.
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

const OF_QUEUE = { queue: true, redrive: true, outages: true } satisfies Record<keyof LiveQueue, true>;

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
  checkIsFunction(drain, 'that drains the process', `${of} got drain`);
  checkIsFunction(heldUpBy, 'that says what holds events up', `${of} got heldUpBy`);
  if (logger !== undefined && typeof (logger as Partial<Logger> | null)?.warn !== 'function') {
    throw new ConfigurationError(`${of} got logger: it must have a function warn(message), as console does.`);
  }
  if (isQueue(deadLetters)) {
    throw new ConfigurationError(
      `${of} got deadLetters: it must have a name for each queue, as in { accounts: queue }.`,
    );
  }
  const queues = Object.entries(deadLetters).map(([name, given]) => [name, queueOf(name, given, of)] as const);
  return {
    ...{ actions, values, drain, heldUpBy, logger, scheduler, deadLetters: Object.fromEntries(queues) },
    positions: positionsOf(positions, of),
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

function positionsOf(given: LivePositions | readonly LivePositions[], of: string): readonly LivePositions[] {
  const all = Array.isArray(given) ? (given as readonly LivePositions[]) : [given as LivePositions];
  const isRight = ({ store, organizationId }: Partial<LivePositions>) =>
    typeof store?.load === 'function' && ['string', 'function'].includes(typeof organizationId);
  if (all.every((each) => isRight(Object(each) as Partial<LivePositions>))) return all;
  throw new ConfigurationError(`${of} got positions: each must be { store, organizationId }.`);
}

function queueOf(name: string, given: DeadLetterQueue | LiveQueue, of: string): LiveQueue {
  if (isQueue(given)) return { queue: given };
  const live = Object(given) as LiveQueue;
  const what = `${of} got deadLetters.${name}`;
  if (!isQueue(live.queue)) {
    throw new ConfigurationError(`${what}: it must be a DeadLetterQueue, or { queue, redrive }.`);
  }
  checkOptionNames(live, Object.keys(OF_QUEUE), { of, prefix: `deadLetters.${name}.` });
  checkIsFunction(live.redrive, 'that works on the value of a letter again', `${what}.redrive`);
  checkIsFunction(live.outages, 'that returns { outage, delays } for a redrive', `${what}.outages`);
  return live;
}

function isQueue(value: unknown): value is DeadLetterQueue {
  return typeof (Object(value) as Partial<DeadLetterQueue>).list === 'function';
}

/** @throws `ConfigurationError` when a value that may be left out is no function. */
function checkIsFunction(value: unknown, does: string, what: string): void {
  if (value === undefined || typeof value === 'function') return;
  throw new ConfigurationError(`${what}: it must be a function ${does}, and not ${kindOf(value)}.`);
}
