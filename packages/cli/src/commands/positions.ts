import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ReplayId, type PositionKey, type ReplayStore, type StreamPosition } from '@rxforce/core';
import { ConfigurationError, topicOf } from '@rxforce/core/model';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import { loadConfiguration, type CommonOptions } from '../command/load.js';
import { table } from '../command/table.js';
import type { LoadedConfiguration } from '../config/configuration.js';
import { didYouMean } from '../config/closest-name.js';
import { replayFromOf } from '../config/replay-from.js';
import { openOrg } from '../runtime/open-org.js';
import { openStorage } from '../runtime/storage.js';
import { topicPlans } from '../runtime/topic-plan.js';
import { commandLog } from '../runtime/with-org.js';

/** The options of `rxforce positions`. */
export interface PositionsOptions extends CommonOptions {
  readonly topic?: string;
  readonly name?: string;
  readonly to?: string;
}

/** A position that is stored. */
interface Stored extends PositionKey {
  readonly position: StreamPosition | undefined;
  readonly savedAt: string | undefined;
  /** Its file; `undefined` in another store. */
  readonly file: string | undefined;
}

/** What `set` works on. */
interface Target {
  readonly found: readonly Stored[];
  readonly loaded: LoadedConfiguration;
  /** The name of the org; `undefined` where there is only one. */
  readonly org: string | undefined;
}

/** `rxforce positions`: what is stored of how far topics were read. */
export async function positions(context: Context, action: string, options: PositionsOptions): Promise<number> {
  const loaded = loadConfiguration(context, options);
  const storage = await openStorage(loaded.configuration, commandLog(context));
  try {
    const { store } = storage;
    if (!store) throw new ConfigurationError('The configuration stores no positions: replay_from_stored is false.');
    const org = action === 'set' || action === 'delete' ? changedOrg(loaded, options) : options.org;
    const ofAll = (await storedIn(loaded, store, context)).filter((each) => fits(each, options));
    const found = await ofOrg(ofAll, org === undefined ? undefined : organizationIdOf(loaded, context, org));
    if (action === 'list' || action === 'show') return await shown(context, found, options);
    if (action === 'set') return await set(context, store, { found, loaded, org }, options);
    if (action === 'delete') return await remove(context, store, only(found, options));
    throw new ConfigurationError(`positions ${action}: there is no such action. There are list, show, set and delete.`);
  } finally {
    await storage.close();
  }
}

async function shown(context: Context, found: readonly Stored[], { json = false }: PositionsOptions): Promise<number> {
  const rows = found.map(({ topic, name, organizationId, position, savedAt = '' }) => ({
    topic,
    name,
    organizationId,
    position: position instanceof Date ? position.toISOString() : String(position ?? ''),
    savedAt,
  }));
  const head = ['TOPIC', 'NAME', 'ORG', 'POSITION', 'SAVED'];
  await context.print(
    json
      ? `${JSON.stringify(rows, null, 2)}\n`
      : table(
          head,
          rows.map((row) => Object.values(row)),
        ),
  );
  return EXIT.done;
}

async function set(
  context: Context,
  store: ReplayStore,
  { found, loaded, org }: Target,
  options: PositionsOptions,
): Promise<number> {
  const to = positionOf(options.to);
  const { topic, name = 'default' } = options;
  if (topic === undefined) throw new ConfigurationError('positions set needs --topic.');
  const known = found.length === 1 ? found[0] : undefined;
  if (!known) checkTopic(topic, loaded);
  const organizationId = known?.organizationId ?? (await organizationIdOf(loaded, context, org));
  const key = { organizationId, topic: topicOf(topic), name };
  await locked(store, key, () => store.save(key, to));
  context.note(`The position "${name}" of ${key.topic} is set to ${options.to ?? ''}.`);
  return EXIT.done;
}

/** @throws `ConfigurationError` when a topic may be misspelt: the configuration has none such, and it is no whole name. */
function checkTopic(topic: string, { configuration }: LoadedConfiguration): void {
  const whole = topicOf(topic);
  const plans = topicPlans(configuration);
  if (topic.startsWith('/') || plans.some((plan) => plan.topic === whole)) return;
  const names = plans.flatMap((plan) => [plan.topic.replace(/^.*\/|ChangeEvent$/g, ''), plan.label]);
  throw new ConfigurationError(
    `positions set --topic ${topic}: no topic of the configuration is this one.${didYouMean(topic, names)} ` +
      `If it is meant, give its whole name: ${whole}.`,
  );
}

async function remove(context: Context, store: ReplayStore, { file, ...key }: Stored): Promise<number> {
  if (file === undefined) {
    throw new ConfigurationError('Positions in Redis cannot be deleted here: set one, or delete its key in Redis.');
  }
  await locked(store, key, () => rm(file));
  context.note(`The position "${key.name}" of ${key.topic} is deleted: the topic begins at replay_from.`);
  return EXIT.done;
}

/** Works on a position that nothing else uses meanwhile. */
async function locked(store: ReplayStore, key: PositionKey, work: () => Promise<void>): Promise<void> {
  const lock = await store.lock?.(key);
  try {
    await work();
  } finally {
    await lock?.release();
  }
}

/** @throws `ConfigurationError` when it is not a single one. */
function only(found: readonly Stored[], { topic, name }: PositionsOptions): Stored {
  const [position, another] = found;
  if (position && !another) return position;
  const asked = [topic, name].filter((each) => each !== undefined).join(', ');
  const what = position ? `There are ${found.length} positions` : 'There is no position';
  throw new ConfigurationError(`${what}${asked === '' ? '' : ` of ${asked}`}. Name one with --topic and --name.`);
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

/** The positions of an org have its id, which only the org itself knows. */
async function ofOrg(stored: readonly Stored[], id: Promise<string> | undefined): Promise<readonly Stored[]> {
  if (id === undefined) return stored;
  const own = await id;
  return stored.filter(({ organizationId }) => organizationId === own);
}

/**
 * The org whose position is changed; `undefined` where there is only one.
 *
 * @throws `ConfigurationError` when several orgs have the topic, and none of them is named.
 */
function changedOrg({ configuration }: LoadedConfiguration, options: PositionsOptions): string | undefined {
  if (options.org !== undefined) return options.org;
  const [org, ...others] = new Set(topicPlans(configuration).flatMap((plan) => (fits(plan, options) ? plan.org : [])));
  if (others.length === 0) return org;
  const all = [org, ...others].join(', ');
  throw new ConfigurationError(`Several orgs have ${options.topic ?? 'topics'}. Name one with --org: ${all}.`);
}

function fits({ topic, name }: Pick<PositionKey, 'topic' | 'name'>, options: PositionsOptions): boolean {
  const wanted = options.topic === undefined ? topic : topicOf(options.topic);
  return topic === wanted && (options.name ?? name) === name;
}

async function storedIn(loaded: LoadedConfiguration, store: ReplayStore, context: Context): Promise<readonly Stored[]> {
  const { redis, processing } = loaded.configuration;
  const all = redis ? await listed(store) : await filesIn(processing.replay_storage_path);
  const own = all ?? (await loadedOf(await keysIn(loaded, context), store));
  // Beside the position of a topic with a snapshot is how far its records were read, which is no position.
  return own.filter(({ position, name }) => position !== undefined && !name.endsWith(':snapshot'));
}

/** What a store says itself that it has; `undefined` where it cannot. */
async function listed(store: ReplayStore): Promise<readonly Stored[] | undefined> {
  const keys = await store.list?.();
  return keys && loadedOf(keys, store);
}

/** The positions that the topics of the configuration have. */
async function keysIn(loaded: LoadedConfiguration, context: Context): Promise<readonly PositionKey[]> {
  return Promise.all(
    topicPlans(loaded.configuration).map(async ({ topic, name, org }) => ({
      ...{ organizationId: await organizationIdOf(loaded, context, org), topic, name },
    })),
  );
}

function loadedOf(keys: readonly PositionKey[], store: ReplayStore): Promise<readonly Stored[]> {
  return Promise.all(
    keys.map(async (key) => ({ ...key, position: await store.load(key), savedAt: undefined, file: undefined })),
  );
}

/** The positions in the files of a directory. A file that is none is left out. */
async function filesIn(directory: string): Promise<readonly Stored[]> {
  const names = await readdir(directory).catch(() => []);
  const read = async (name: string): Promise<readonly Stored[]> => {
    const file = join(directory, name);
    try {
      const {
        organizationId,
        topic,
        name: of,
        replayId,
        since,
        savedAt,
      } = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
      if (organizationId === undefined || topic === undefined || of === undefined) return [];
      const position = replayId === undefined ? new Date(since ?? NaN) : ReplayId.parse(replayId);
      return [{ organizationId, topic, name: of, position, savedAt, file }];
    } catch {
      return [];
    }
  };
  return (
    await Promise.all(
      names
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map(read),
    )
  ).flat();
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
