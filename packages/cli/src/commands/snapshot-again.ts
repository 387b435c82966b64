import { ConfigurationError } from '@rxforce/core/model';
import { records } from '@rxforce/records';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import { loadConfiguration, type CommonOptions } from '../command/load.js';
import { settingsLogger } from '../config/setting-words.js';
import { chosenPlans } from '../runtime/chosen-plans.js';
import { openOrg } from '../runtime/open-org.js';
import { openStorage } from '../runtime/storage.js';
import type { TopicPlan } from '../runtime/topic-plan.js';
import { commandLog } from '../runtime/with-org.js';

/** The options of `rxforce snapshot --again`. */
export interface AgainOptions extends CommonOptions {
  /** The name of the position. */
  readonly again: string;
  readonly where?: string;
  readonly fields?: string;
  readonly out?: string;
}

/**
 * Has a topic of the configuration read its records again, when it runs next. Its position stays, so no change is
 * missed meanwhile.
 *
 * @throws rejects with a `ConfigurationError` when no such topic reads records, and with a `PositionInUseError` while
 * it runs.
 */
export async function readAgain(context: Context, object: string, options: AgainOptions): Promise<number> {
  const { again, where, fields, out } = options;
  if (where !== undefined || fields !== undefined || out !== undefined) {
    throw new ConfigurationError(
      '--again reads what the topic of the configuration says: leave out --where, --fields and --out.',
    );
  }
  const loaded = loadConfiguration(context, options);
  const plan = planOf(chosenPlans(loaded, { org: options.org }), object, again);
  const logger = commandLog(context);
  const org = openOrg(loaded.configuration, { logger, logLevel: 'warn' }, plan.org);
  const storage = await openStorage(loaded.configuration, logger);
  try {
    const { store } = storage;
    if (!store) throw new ConfigurationError('The configuration stores no positions: replay_from_stored is false.');
    const { topic, name, snapshot } = plan;
    const lock = await store.lock?.({ organizationId: await org.organizationId(), topic, name });
    try {
      await records(org.client, snapshot, { logger: settingsLogger(logger) }).restart({
        topic,
        replay: { store, name },
      });
    } finally {
      await lock?.release();
    }
  } finally {
    await storage.close();
    org.client.close();
  }
  context.note(`${plan.topic} (${plan.name}) reads ${plan.snapshot.join(', ')} again, when rxforce run starts next.`);
  return EXIT.done;
}

function planOf(plans: readonly TopicPlan[], object: string, again: string): TopicPlan {
  const reading = plans.filter(({ snapshot }) => snapshot.includes(object));
  const [plan, ...others] = reading.filter(({ name }) => name === again);
  const orgs = new Set([plan, ...others].flatMap((each) => each?.org ?? []));
  if (orgs.size > 1) {
    throw new ConfigurationError(
      `--again ${again}: several orgs have this topic. Name one with --org: ${[...orgs].join(', ')}.`,
    );
  }
  if (plan) return plan;
  const names = reading.map(({ name }) => name);
  throw new ConfigurationError(
    `--again ${again}: no topic of this name reads the records of ${object}. ` +
      (names.length > 0 ? `There is ${names.join(', ')}.` : 'It needs snapshot: true.'),
  );
}
