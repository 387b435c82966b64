import type { PubSubClient } from '@rxforce/core';
import { ConfigurationError } from '@rxforce/core/model';
import { firstValueFrom } from 'rxjs';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import { reportClosing } from '../command/report-error.js';
import { table } from '../command/table.js';
import type { LoadedConfiguration } from '../config/configuration.js';
import { loginOf } from '../config/login-choice.js';
import { askSink } from '../runtime/check-sink.js';
import { closedAfter, closeInTime } from '../runtime/close-all.js';
import { openOrg, openOrgIfThere, type OpenOrg } from '../runtime/open-org.js';
import { hasNoOrg, orgNames, orgSettingsOf } from '../runtime/org-names.js';
import { sinkKeyOf, sinkNamed, sinkSettingsOf } from '../runtime/run-sinks.js';
import { wrongNames } from '../runtime/schema-names.js';
import { topicPlans, type TopicPlan } from '../runtime/topic-plan.js';
import { commandLog } from '../runtime/with-org.js';
import { withClosestTopic } from '../runtime/wrong-topic.js';
import { openSink } from '../sinks/open-sink.js';
import { loadPipeline } from '../runtime/pipeline.js';
import { checkStorage } from './check-storage.js';
import { attempt, type Finding, type Try } from './findings.js';

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
    const logging = { logger, logLevel: 'warn' } as const;
    // A file for workers has no org to ask anything.
    const isOnlyWorkers = hasNoOrg(loaded.configuration);
    if (isOnlyWorkers) orgs.set(undefined, openOrgIfThere(loaded.configuration, logging));
    for (const name of isOnlyWorkers ? [] : orgNames(loaded.configuration)) {
      const login = loginOf(orgSettingsOf(loaded.configuration, name)) ?? 'session';
      await tried(`login ${login}${name === undefined ? '' : ` of ${name}`}`, async () => {
        const org = openOrg(loaded.configuration, logging, name);
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

function plansOf(loaded: LoadedConfiguration, org: string | undefined): readonly TopicPlan[] {
  return topicPlans(loaded).filter((plan) => plan.org === org);
}

async function checkOrg({ client }: OpenOrg, plans: readonly TopicPlan[], tried: Try): Promise<void> {
  for (const plan of plans) {
    await tried(`topic ${plan.label}`, async () => {
      const { canSubscribe, schemaId } = await firstValueFrom(client.topic(plan.topic)).catch(
        async (error: unknown) => {
          throw await withClosestTopic(error, client);
        },
      );
      if (!canSubscribe) {
        throw new Error('This user may not subscribe to it: give it the permission to read the object.');
      }
      // The events of a channel have several schemas.
      if (schemaId !== undefined) await checkNames(client, plan, schemaId);
      return 'can be subscribed to';
    });
  }
}

/** @throws rejects with a `ConfigurationError` when settings name what is no field. */
async function checkNames(client: PubSubClient, plan: TopicPlan, schemaId: string): Promise<void> {
  if (!plan.fields && !plan.where && plan.partitionBy === undefined) return;
  const { json } = await firstValueFrom(client.schema(schemaId));
  const wrong = wrongNames(json, plan);
  if (wrong.length > 0) throw new ConfigurationError(wrong.join(' '));
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
  const plans = topicPlans(loaded).filter(({ org }) => orgs.has(org));
  await checkStorage(configuration, plans, { logger, tried });
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
  const sinks = new Map(plans.filter(({ sink }) => sink).map((plan) => [sinkKeyOf(plan, configuration), plan]));
  for (const [key, plan] of sinks) {
    const { sink = '', org } = plan;
    const isOfOrg = key !== sink && org !== undefined;
    await tried(`sink ${sink}${isOfOrg ? ` of ${org}` : ''}`, () =>
      checkSink(key, plan, { context, orgs, loaded, plans }),
    );
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
async function checkSink(key: string, plan: TopicPlan, { context, orgs, loaded, plans }: SinkPlace): Promise<string> {
  const { configuration, directory } = loaded;
  const settings = sinkSettingsOf(plan.sink ?? '', configuration);
  const topics = plans.filter((each) => sinkKeyOf(each, configuration) === key).map(({ topic }) => topic);
  const sinkContext = {
    print: (text: string) => context.print(text),
    ...{ directory, logger: commandLog(context), ...clientOf(orgs, plan.org) },
  };
  const sink = await openSink(settings, sinkContext, topics);
  const tell = reportClosing((text) => context.note(text));
  await closedAfter(
    () => askSink(sink),
    () => closeInTime(sinkNamed(plan.sink ?? ''), sink),
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
