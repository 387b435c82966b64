import { RxforceError, plainText } from '@rxforce/core/model';
import { firstValueFrom } from 'rxjs';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import { plural } from '../command/plural.js';
import { reportClosing } from '../command/report-error.js';
import { table } from '../command/table.js';
import type { LoadedConfiguration } from '../config/configuration.js';
import { loginOf } from '../config/login-choice.js';
import { closedAfter } from '../runtime/close-all.js';
import { openOrg, type OpenOrg } from '../runtime/open-org.js';
import { orgNames, orgSettingsOf } from '../runtime/org-names.js';
import { openStorage, type Storage } from '../runtime/storage.js';
import { STDOUT, topicPlans, type TopicPlan } from '../runtime/topic-plan.js';
import { commandLog } from '../runtime/with-org.js';
import { openSink } from '../sinks/open-sink.js';
import { loadPipeline } from '../runtime/pipeline.js';

/** What was looked at, and what came of it. */
interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** The name of a position that nobody has, to see whether the store can be read and locked. */
const PROBE = 'rxforce-check';

/** Tries everything that a configuration names: the login, each topic, the stores, pipelines and sinks. */
export async function checkConnections(
  context: Context,
  loaded: LoadedConfiguration,
  { json = false }: { readonly json?: boolean },
): Promise<number> {
  const logger = commandLog(context);
  const findings: Finding[] = [];
  const orgs = new Map<string | undefined, OpenOrg>();
  const tried = async (what: string, look: () => Promise<string>) => void findings.push(await attempt(what, look));
  try {
    for (const name of orgNames(loaded.configuration)) {
      const login = loginOf(orgSettingsOf(loaded.configuration, name)) ?? 'session';
      await tried(`login ${login}${name === undefined ? '' : ` of ${name}`}`, async () => {
        const org = openOrg(loaded.configuration, { logger, logLevel: 'warn' }, name);
        orgs.set(name, org);
        return `org ${await org.organizationId()} at ${await org.source()}`;
      });
      const org = orgs.get(name);
      if (org && findings.at(-1)?.ok === true) await checkOrg(org, plansOf(loaded, name), tried);
    }
    await checkOwn(context, orgs, loaded, tried);
  } finally {
    orgs.forEach(({ client }) => client.close());
  }
  const hidden = findings.map(({ detail, ...rest }) => ({ ...rest, detail: context.hidden(detail) }));
  const rows = hidden.map(({ what, ok, detail }) => [ok ? '✓' : '✗', what, detail]);
  await context.print(
    json ? `${JSON.stringify({ problems: [], findings: hidden }, null, 2)}\n` : table(['', 'WHAT', 'FOUND'], rows),
  );
  return hidden.every(({ ok }) => ok) ? EXIT.done : EXIT.found;
}

type Try = (what: string, look: () => Promise<string>) => Promise<void>;

async function attempt(what: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, detail: await look() };
  } catch (error) {
    const { message } = RxforceError.is(error) ? error : (error as Error);
    return { what, ok: false, detail: plainText(message) };
  }
}

function plansOf({ configuration }: LoadedConfiguration, org: string | undefined): readonly TopicPlan[] {
  return topicPlans(configuration).filter((plan) => plan.org === org);
}

async function checkOrg({ client }: OpenOrg, plans: readonly TopicPlan[], tried: Try): Promise<void> {
  for (const { topic, label } of plans) {
    await tried(`topic ${label}`, async () => {
      const { canSubscribe } = await firstValueFrom(client.topic(topic));
      if (!canSubscribe) {
        throw new Error('This user may not subscribe to it: give it the permission to read the object.');
      }
      return 'can be subscribed to';
    });
  }
}

/** What is on this side: where positions and letters are kept, and where events go. */
async function checkOwn(
  context: Context,
  orgs: ReadonlyMap<string | undefined, OpenOrg>,
  loaded: LoadedConfiguration,
  tried: Try,
): Promise<void> {
  const logger = commandLog(context);
  const { configuration, directory } = loaded;
  // Where a key is none, there is no client for the sinks of its org.
  const plans = topicPlans(configuration).filter(({ org }) => orgs.has(org));
  let storage: Storage | undefined;
  await tried('storage', async () => {
    storage = await openStorage(configuration, logger);
    return configuration.redis ? 'Redis' : 'files';
  });
  try {
    if (storage) await checkStorage(storage, plans, tried);
  } finally {
    await storage?.close();
  }
  const { telemetry } = configuration;
  if (telemetry.otlp !== '') {
    await tried('telemetry', async () => {
      const { openOtlp } = await import('../runtime/otlp.js');
      await (await openOtlp(telemetry, { logger, queues: {} })).close();
      return 'its packages are there';
    });
  }
  for (const { pipeline } of plans) {
    if (pipeline !== undefined) {
      await tried(`pipeline ${pipeline}`, async () => (await loadPipeline(pipeline, directory), 'is a function'));
    }
  }
  for (const name of new Set(plans.flatMap(({ sink }) => sink ?? []))) {
    await tried(`sink ${name}`, () => checkSink(name, { context, orgs, loaded, plans }));
  }
}

/** What surrounds a sink. */
interface SinkPlace {
  readonly context: Context;
  readonly orgs: ReadonlyMap<string | undefined, OpenOrg>;
  readonly loaded: LoadedConfiguration;
  readonly plans: readonly TopicPlan[];
}

/** A connection that stays open would keep the process alive, so a sink that fails is closed, too. */
async function checkSink(name: string, { context, orgs, loaded, plans }: SinkPlace): Promise<string> {
  const settings = loaded.configuration.sinks[name] ?? ({ type: STDOUT } as const);
  const own = plans.filter(({ sink }) => sink === name);
  const sinkContext = {
    print: (text: string) => context.print(text),
    directory: loaded.directory,
    logger: commandLog(context),
    ...clientOf(orgs, own[0]?.org),
  };
  const topics = own.map(({ topic }) => topic);
  const sink = await openSink(settings, sinkContext, topics);
  const tell = reportClosing((text) => context.note(text));
  await closedAfter(
    async () => sink.check?.(),
    () => sink.close?.(),
    tell,
  );
  return settings.type === 'webhook' ? 'webhook: somebody listens there; nothing was sent' : settings.type;
}

/** @throws `Error` when there is no such org, which the configuration rules out. */
function clientOf(orgs: ReadonlyMap<string | undefined, OpenOrg>, name: string | undefined) {
  const org = orgs.get(name);
  if (!org) throw new Error(`There is no org ${String(name)}.`);
  return { client: org.client, source: org.source };
}

async function checkStorage(storage: Storage, plans: readonly TopicPlan[], tried: Try): Promise<void> {
  const { store, lease } = storage;
  const key = { organizationId: '000000000000000', topic: '/data/ChangeEvents', name: PROBE };
  if (store) {
    await tried('positions', async () => {
      const lock = await store.lock?.(key);
      await store.load(key);
      await lock?.release();
      return 'can be locked and read';
    });
  }
  if (lease) {
    await tried('lease', async () => {
      await (await lease.acquire(key))?.release();
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
