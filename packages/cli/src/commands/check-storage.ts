import { randomUUID } from 'node:crypto';
import type { ReplayStore } from '@rxforce/core';
import { ReplayStoreError, type Logger } from '@rxforce/core/model';
import { plural } from '../command/plural.js';
import { logOf } from '../config/engine-section.js';
import type { Configuration } from '../config/settings/settings.js';
import type { CanBeLookedFor, EngineLog } from '../runtime/engine.js';
import { closeAll, closedAfter } from '../runtime/close-all.js';
import { openStorage, type Storage } from '../runtime/storage.js';
import type { TopicPlan } from '../runtime/topic-plan.js';
import type { Try } from './findings.js';

/** The name of a position that nobody has, to see whether the store can be written, read and locked. */
const PROBE = 'rxforce-check';
const PROBE_KEY = { organizationId: '000000000000000', topic: '/data/ChangeEvents', name: PROBE };

/** Tries where positions and letters are kept, and the log. Nothing of it stays. */
export async function checkStorage(
  configuration: Configuration,
  plans: readonly TopicPlan[],
  { logger, tried }: { readonly logger: Logger; readonly tried: Try },
): Promise<void> {
  let storage: Storage | undefined;
  await tried('storage', async () => {
    storage = await openStorage(configuration, logger, { waits: false });
    const { engine } = storage;
    if (!engine) return 'files';
    return engine.deadLetters ? engine.name : `${engine.name}; dead letters are files`;
  });
  try {
    if (storage) await checkParts(storage, plans, tried);
    const log = storage?.engine?.log();
    if (log) await tried(`log ${logOf(configuration)?.name ?? ''}`, () => checkLog(log));
  } finally {
    // What it has found counts, also where something stays open.
    const closing = storage?.close();
    await closing?.catch(() => tried('storage', () => closing.then(() => '')));
  }
}

async function checkParts(storage: Storage, plans: readonly TopicPlan[], tried: Try): Promise<void> {
  const { store, lease } = storage;
  if (store) await tried('positions', async () => ((await isMissing(store)) ? MADE_LATER : checkPositions(store)));
  if (lease) {
    await tried('lease', async () => {
      if (await isMissing(lease)) return MADE_LATER;
      await (await lease.acquire(PROBE_KEY))?.release();
      return 'can be held';
    });
  }
  await tried('dead letters', async () => {
    const depths = await Promise.all(plans.map((plan) => storage.deadLetters(plan).depth()));
    return plural(
      depths.reduce((sum, depth) => sum + depth, 0),
      'letter',
    );
  });
}

/** What is found where nothing was written yet. A check makes nothing that stays. */
const MADE_LATER = 'nothing is there yet; the first run makes it';

async function isMissing(place: CanBeLookedFor): Promise<boolean> {
  return (await place.isThere?.()) === false;
}

/** Another process may check at the same time. Where several things fail, the first one says what is wrong. */
export async function checkPositions(store: ReplayStore): Promise<string> {
  const key = { ...PROBE_KEY, name: `${PROBE}-${randomUUID()}` };
  const position = new Date(0);
  const lock = await store.lock?.(key);
  const tried = async () => {
    await store.save(key, position);
    const read = await store.load(key);
    if (String(read) === String(position)) return `can be ${store.lock ? 'locked, ' : ''}written and read`;
    throw new ReplayStoreError('A position was written, and what is read is another one.', { retriable: false });
  };
  const leftOver = [{ close: () => store.delete?.(key) }, { close: () => lock?.release() }];
  const nothing = () => undefined;
  return closedAfter(tried, () => closeAll(leftOver, nothing), nothing);
}

/** The number of partitions is fixed when a log is made, so none is made here. */
async function checkLog(log: EngineLog): Promise<string> {
  const found = await log.find();
  return found ? plural(found.partitions, 'partition') : 'is made by the first reader';
}
