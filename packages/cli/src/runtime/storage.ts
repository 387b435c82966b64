import { join } from 'node:path';
import { fileReplayStore, type Lease, type ReplayStore } from '@rxforce/core';
import type { Logger } from '@rxforce/core/model';
import { fileDeadLetterQueue, type DeadLetterQueue } from '@rxforce/dead-letters';
import { settingsLogger } from '../config/setting-words.js';
import type { Configuration } from '../config/settings/settings.js';
import { closeInTime } from './close-all.js';
import type { CanBeLookedFor, Engine } from './engine.js';
import { openEngine } from './open-engine.js';
import type { TopicPlan } from './topic-plan.js';

/** Where positions and dead letters are kept. */
export interface Storage {
  /** What several processes share; `undefined` where everything is in files. */
  readonly engine: Engine | undefined;
  /** Where the positions are; `undefined` where none are kept. */
  readonly store: (ReplayStore & CanBeLookedFor) | undefined;
  readonly lease: (Lease & CanBeLookedFor) | undefined;
  /** The dead letters of a topic. Each topic has a queue of its own, as one event may come on two topics. */
  deadLetters(plan: Pick<TopicPlan, 'label'>): DeadLetterQueue;
  close(): Promise<void>;
}

/** How storage is opened. */
export interface StorageOptions {
  /**
   * Whether what cannot be connected to is waited for. A command that somebody looks at says so at once.
   *
   * @defaultValue true
   */
  readonly waits?: boolean;
}

/**
 * Opens what a configuration names: files, or what several processes share.
 *
 * @throws `ConfigurationError` when that cannot be right, or a package is missing.
 */
export async function openStorage(
  configuration: Configuration,
  logger: Logger,
  { waits = true }: StorageOptions = {},
): Promise<Storage> {
  const { replay_from_stored: isStored, ...paths } = configuration.processing;
  const engine = await openEngine(configuration, settingsLogger(logger), waits);
  const inFiles = (label: string) => fileDeadLetterQueue(join(paths.dead_letter_queue_path, label));
  return {
    engine,
    store: isStored ? (engine?.store() ?? fileReplayStore(paths.replay_storage_path)) : undefined,
    lease: engine?.lease(),
    deadLetters: oncePerLabel(engine?.deadLetters ?? inFiles),
    close: () => closeInTime(engine?.name ?? '', engine),
  };
}

function oncePerLabel<Q>(open: (label: string) => Q): (plan: { readonly label: string }) => Q {
  const known = new Map<string, Q>();
  return ({ label }) => {
    const queue = known.get(label) ?? open(label);
    known.set(label, queue);
    return queue;
  };
}
