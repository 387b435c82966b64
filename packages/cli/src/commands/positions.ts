import type { Lease, PositionKey, ReplayStore, StreamPosition } from '@rxforce/core';
import { ConfigurationError, PositionInUseError, topicOf } from '@rxforce/core/model';
import { actionOf } from '../command/action-of.js';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import { loadConfiguration, type CommonOptions } from '../command/load.js';
import { table } from '../command/table.js';
import type { LoadedConfiguration } from '../config/configuration.js';
import { didYouMean } from '../config/closest-name.js';
import { replayFromOf } from '../config/replay-from.js';
import { openOrg } from '../runtime/open-org.js';
import { positionPlans } from '../runtime/scale-out.js';
import { openStorage } from '../runtime/storage.js';
import {
  isMeant,
  isPartition,
  storedPositions,
  storedTopic,
  type StoredPosition,
} from '../runtime/stored-positions.js';
import { topicPlans, type TopicPlan } from '../runtime/topic-plan.js';
import { commandLog } from '../runtime/with-org.js';

/** The options of `rxforce positions`. */
export interface PositionsOptions extends CommonOptions {
  readonly topic?: string;
  readonly name?: string;
  readonly to?: string;
  /** Also sets a position whose name no topic has. */
  readonly force?: boolean;
}

/** What an action works on. */
interface Work {
  readonly context: Context;
  readonly loaded: LoadedConfiguration;
  readonly store: ReplayStore;
  /** Of those who read; `undefined` where there are none. */
  readonly lease: Lease | undefined;
  /** Those that are stored, and that the command line means. */
  readonly found: readonly StoredPosition[];
  /** The name of the org; `undefined` where there is only one, or all are meant. */
  readonly org: string | undefined;
  readonly options: PositionsOptions;
}

const ACTIONS: Readonly<Record<string, (work: Work) => Promise<number>>> = {
  list: shown,
  show: shown,
  set,
  delete: remove,
};

/** `rxforce positions`: what is stored of how far topics were read. */
export async function positions(
  context: Context,
  action: string | undefined,
  options: PositionsOptions,
): Promise<number> {
  const act = actionOf('positions', action, ACTIONS);
  const loaded = loadConfiguration(context, options);
  const storage = await openStorage(loaded.configuration, commandLog(context), { waits: false });
  try {
    const { store, lease } = storage;
    if (!store) throw new ConfigurationError('The configuration stores no positions: replay_from_stored is false.');
    const org = act === shown ? options.org : changedOrg(loaded, options);
    const ofAll = await storedPositions(store, options);
    // The positions of an org have its id, which only the org itself knows.
    const id = org === undefined ? undefined : await organizationIdOf(loaded, context, org);
    const found = ofAll.filter(({ key }) => id === undefined || key.organizationId === id);
    return await act({ context, loaded, store, lease, found, org, options });
  } finally {
    await storage.close();
  }
}

async function shown({ context, loaded, found, options }: Work): Promise<number> {
  const orgs = await orgsById(loaded, context);
  const rows = found.map(({ key: { topic, name, organizationId }, position }) => ({
    ...{ topic, name, organizationId },
    ...(orgs.size > 0 && { org: orgs.get(organizationId) ?? '' }),
    position: textOf(position),
  }));
  const head = ['TOPIC', 'NAME', 'ORG', 'POSITION'];
  await context.print(
    options.json === true
      ? `${JSON.stringify(rows, null, 2)}\n`
      : table(
          head,
          rows.map(({ topic, name, organizationId, org, position }) => [
            ...[topic, name, org === undefined || org === '' ? organizationId : org, position],
          ]),
        ),
  );
  found.forEach(({ problem }) => problem !== undefined && context.note(problem));
  return EXIT.done;
}

/** A position as `--to` takes it. */
function textOf(position: StreamPosition | undefined): string {
  if (!(position instanceof Date)) return String(position ?? '');
  return position.getTime() === 0 ? 'earliest' : position.toISOString();
}

/** The names of several orgs, which `--org` takes, by their ids. One that does not answer is left out. */
async function orgsById(loaded: LoadedConfiguration, context: Context): Promise<ReadonlyMap<string, string>> {
  const names = Object.keys(loaded.configuration.orgs ?? {});
  if (names.length < 2) return new Map();
  const known = names.map(async (name): Promise<[string, string]> => [
    await organizationIdOf(loaded, context, name).catch(() => ''),
    name,
  ]);
  return new Map(await Promise.all(known));
}

async function set(work: Work): Promise<number> {
  const { context, store, options } = work;
  const to = positionOf(options.to);
  const key = await keyToSet(work);
  await locked(work, key, () => store.save(key, to));
  changed(context, key, `is set to ${options.to ?? ''}.`);
  return EXIT.done;
}

async function remove(work: Work): Promise<number> {
  const { context, store, found, options } = work;
  const [first, another] = found;
  if (!first) throw new ConfigurationError(`There is no position${askedFor(options)}: see rxforce positions list.`);
  if (another) throw severalPositions(found, options);
  const { key } = first;
  await locked(work, key, async () => {
    if (!store.delete) throw new ConfigurationError('This store cannot delete positions. Set one instead.');
    await store.delete(key);
  });
  changed(context, key, 'is deleted: the topic begins at replay_from.');
  return EXIT.done;
}

function changed(context: Context, { topic, name }: PositionKey, what: string): void {
  context.note(`The position "${name}" of ${topic} ${what}`);
}

/**
 * The one position that is meant: one that is stored, or one that a topic of the configuration will have.
 *
 * @throws rejects with a `ConfigurationError` when there are several, or the topic may be misspelt.
 */
async function keyToSet({ context, loaded, found, org, options }: Work): Promise<PositionKey> {
  const { topic: given, name } = options;
  if (given === undefined) throw new ConfigurationError('positions set needs --topic.');
  const plans = positionPlans(topicPlans(loaded), loaded.configuration);
  const coming = plans.filter((plan) => plan.org === org && isMeant(plan, options));
  const all = [...found.map(({ key }) => key), ...coming].map((each) => ({ topic: each.topic, name: each.name }));
  const [one, ...others] = new Map(all.map((each) => [JSON.stringify(each), each])).values();
  if (one && others.length > 0) throw severalPositions([one, ...others], options);
  if (!one) checkTopic(given, plans);
  if (!one && options.force !== true) {
    checkName(
      options,
      plans.filter((plan) => plan.org === org),
    );
  }
  const [stored, another] = found;
  // Several orgs may have had this one, one after the other.
  const organizationId = stored && !another ? stored.key.organizationId : await organizationIdOf(loaded, context, org);
  return { organizationId, ...(one ?? { topic: storedTopic(given), name: name ?? 'default' }) };
}

/**
 * @throws `ConfigurationError` when a topic may be misspelt: the configuration has none such, and it is no whole name.
 */
function checkTopic(given: string, plans: readonly TopicPlan[]): void {
  if (isPartition(given)) {
    throw new ConfigurationError(
      `positions set --topic ${given}: no position of this partition is stored, and a worker makes it when it begins: ` +
        'see rxforce positions list.',
    );
  }
  const whole = topicOf(given);
  if (given.startsWith('/') || plans.some((plan) => plan.topic === whole)) return;
  const names = plans.flatMap((plan) => [plan.topic.replace(/^.*\/|ChangeEvent$/g, ''), plan.label]);
  throw new ConfigurationError(
    `positions set --topic ${given}: no topic of the configuration is this one.${didYouMean(given, names)} ` +
      `If it is meant, give its whole name: ${whole}.`,
  );
}

/** @throws `ConfigurationError` when the configuration has the topic, and not with this name. */
function checkName({ topic = '', name }: PositionsOptions, plans: readonly TopicPlan[]): void {
  const names = plans.filter((plan) => isMeant(plan, { topic })).map((plan) => plan.name);
  if (name === undefined || names.length === 0) return;
  throw new ConfigurationError(
    `positions set --name ${name}: no topic ${topic} of the configuration has this name.${didYouMean(name, names)} ` +
      `There ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}. If it is meant, give --force.`,
  );
}

/** Works on a position that nothing else uses meanwhile. A store without locks may have leases beside it. */
async function locked(
  { store, lease }: Pick<Work, 'store' | 'lease'>,
  key: PositionKey,
  work: () => Promise<void>,
): Promise<void> {
  const lock = await (store.lock ? store.lock(key) : lease?.acquire(key))?.catch((cause: unknown) => {
    throw isPartition(key.topic) && PositionInUseError.is(cause) ? inUse(key, 'a worker has it', cause) : cause;
  });
  if (lease && !lock) {
    throw inUse(key, `a process has its lease. The lease of one that has died ends after ${lease.ttlMs} ms`);
  }
  try {
    await work();
  } finally {
    await lock?.release();
  }
}

/** What is to be done here: a position of a partition has no other name that it could be given. */
function inUse({ topic, name }: PositionKey, why: string, cause?: unknown): PositionInUseError {
  const advice = isPartition(topic) ? 'Stop the workers first.' : 'Stop it first.';
  return new PositionInUseError(`The position "${name}" of ${topic} is in use: ${why}. ${advice}`, { topic, cause });
}

function severalPositions(
  all: readonly (StoredPosition | Pick<PositionKey, 'topic' | 'name'>)[],
  options: PositionsOptions,
): ConfigurationError {
  const names = all.map((each) => ('key' in each ? each.key : each)).map(({ topic, name }) => `${topic} "${name}"`);
  return new ConfigurationError(
    `There are ${names.length} positions${askedFor(options)}: ${names.join(', ')}. Name one with --topic and --name.`,
  );
}

function askedFor({ topic, name }: PositionsOptions): string {
  const asked = [topic, name].filter((each) => each !== undefined).join(', ');
  return asked === '' ? '' : ` of ${asked}`;
}

/** @throws `ConfigurationError` when it is no replay id and no time. */
function positionOf(to: string | undefined): StreamPosition {
  if (to === 'earliest') return new Date(0);
  const position = to === undefined || to === 'latest' ? undefined : replayFromOf(to);
  if (position === undefined || typeof position === 'string') {
    throw new ConfigurationError(
      'positions set needs --to with earliest, a time such as 2026-01-31T12:00:00Z, or a replay id.',
    );
  }
  return position;
}

/**
 * The org whose position is changed; `undefined` where there is only one.
 *
 * @throws `ConfigurationError` when several orgs have the topic, and none of them is named.
 */
function changedOrg(loaded: LoadedConfiguration, options: PositionsOptions): string | undefined {
  if (options.org !== undefined) return options.org;
  const own = topicPlans(loaded).filter((plan) => isMeant(plan, options));
  const [org, ...others] = new Set(own.flatMap((plan) => plan.org ?? []));
  if (others.length === 0) return org;
  const all = [org, ...others].join(', ');
  throw new ConfigurationError(`Several orgs have ${options.topic ?? 'topics'}. Name one with --org: ${all}.`);
}

async function organizationIdOf(
  { configuration }: LoadedConfiguration,
  context: Context,
  name: string | undefined,
): Promise<string> {
  const org = openOrg(configuration, { logger: commandLog(context), logLevel: 'warn' }, name);
  try {
    return await org.organizationId();
  } finally {
    org.client.close();
  }
}
