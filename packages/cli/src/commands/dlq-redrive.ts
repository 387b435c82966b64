import { createLogClient } from '@rxforce/core';
import { ConfigurationError, type Logger } from '@rxforce/core/model';
import { redrive, type DeadLetterQueue } from '@rxforce/dead-letters';
import { lastValueFrom, tap } from 'rxjs';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import { plural } from '../command/plural.js';
import { exitCodeOf, reportClosing, reportError } from '../command/report-error.js';
import type { LoadedConfiguration } from '../config/configuration.js';
import { settingsLogger } from '../config/setting-words.js';
import { isChosen, someLetters, type LetterChoice, type TopicQueue } from '../runtime/chosen-letters.js';
import { closeAll, closedAfter, closeInTime } from '../runtime/close-all.js';
import { openEngine } from '../runtime/open-engine.js';
import { openOrgIfThere } from '../runtime/open-org.js';
import { hasNoOrg } from '../runtime/org-names.js';
import { sinkNamed } from '../runtime/run-sinks.js';
import type { SchemaSource } from '../runtime/sink-writer.js';
import { STDOUT, type TopicPlan } from '../runtime/topic-plan.js';
import { commandLog } from '../runtime/with-org.js';
import { writeAgain } from '../runtime/write-again.js';
import { openSink } from '../sinks/open-sink.js';
import type { SinkContext } from '../sinks/sink-context.js';
import type { Sink } from '../sinks/sink.js';

/** What is redriven. */
export interface RedriveWork {
  readonly queues: readonly TopicQueue[];
  readonly choice: LetterChoice;
  readonly limit: number;
}

/** Most letters that are taken from a queue at once. */
const AT_ONCE = 100;

/** Writes dead letters to the sink of their topic again. What fails again stays in its queue. */
export async function redriveLetters(
  context: Context,
  loaded: LoadedConfiguration,
  work: RedriveWork,
): Promise<number> {
  const logger = commandLog(context);
  const print = (text: string) => context.print(text);
  const tell = reportClosing((text) => context.note(text));
  const counts = { done: 0, failed: 0 };
  const errors: unknown[] = [];
  for (const { plan, queue } of work.queues) {
    const left = work.limit - counts.done - counts.failed;
    if (left === 0 || !(await hasChosen(queue, work.choice))) continue;
    const { client, source } = openOrgIfThere(loaded.configuration, { logger, logLevel: 'warn' }, plan.org);
    try {
      const sink = await sinkOf(plan, loaded, { print, directory: loaded.directory, logger, client, source });
      const closing = { close: () => closeInTime(sinkNamed(plan.sink ?? ''), sink) };
      const { view, release } = someLetters(queue, work.choice, left);
      const schemas = await openSchemas(loaded, client, logger);
      const again$ = redriven(view, writeAgain(sink, schemas, plan.org)).pipe(
        tap((outcome) => {
          counts[outcome.ok ? 'done' : 'failed'] += 1;
          if (outcome.err) context.note(`${plan.label}: ${outcome.val.id} failed again: ${outcome.val.error.message}`);
        }),
      );
      const rewritten = () => lastValueFrom(again$, { defaultValue: undefined });
      await closedAfter(rewritten, () => closeAll([{ close: release }, closing, schemas], tell), tell);
    } catch (error) {
      // The letters of other topics have other sinks.
      errors.push(error);
      reportError(error, (text) => context.note(`${plan.label}: ${text}`));
    } finally {
      client.close();
    }
  }
  context.note(
    `${plural(counts.done, 'letter')} ${counts.done === 1 ? 'was' : 'were'} written, ${counts.failed} failed again.`,
  );
  if (errors.length > 0) return exitCodeOf(errors[0]);
  return counts.failed === 0 ? EXIT.done : EXIT.failed;
}

async function hasChosen(queue: DeadLetterQueue, choice: LetterChoice): Promise<boolean> {
  // One that is damaged is reported by the work on it.
  for await (const letter of queue.list()) if (letter.err || isChosen(letter.val, choice)) return true;
  return false;
}

/** The schemas of letters: those of the org, or for a worker's configuration without an org those of the log. */
async function openSchemas(
  { configuration }: LoadedConfiguration,
  org: SchemaSource,
  logger: Logger,
): Promise<SchemaSource & { close?(): Promise<void> }> {
  const engine = hasNoOrg(configuration) ? await openEngine(configuration, settingsLogger(logger)) : undefined;
  const log = engine?.log();
  if (!log) return { schema: (id) => org.schema(id) };
  const client = createLogClient({ log, logger: settingsLogger(logger) });
  const close = async () => {
    client.close();
    await closeInTime(engine?.name ?? '', engine);
  };
  return { schema: (id) => client.schema(id), close };
}

/** Letters are written as they were: what keeps records must look at the time of a change itself, as tables do. */
function redriven(queue: Parameters<typeof redrive>[0], write: ReturnType<typeof writeAgain>) {
  return redrive(queue, write, { asTheyWere: true, batchSize: AT_ONCE });
}

/** @throws rejects with a `ConfigurationError` when the events of the topic end in a pipeline. */
function sinkOf(
  { sink, label, topic }: TopicPlan,
  { configuration }: LoadedConfiguration,
  context: SinkContext,
): Promise<Sink> {
  if (sink === undefined) {
    throw new ConfigurationError(
      `The events of ${label} end in a pipeline of yours, so there is no sink to write them to.`,
    );
  }
  return openSink(configuration.sinks[sink] ?? { type: STDOUT }, context, [topic]);
}
