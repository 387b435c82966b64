import { createLogClient } from '@rxforce/core';
import { ConfigurationError, type Logger } from '@rxforce/core/model';
import { redrive, type DeadLetterQueue } from '@rxforce/dead-letters';
import { lastValueFrom, tap } from 'rxjs';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import { plural } from '../command/plural.js';
import { exitCodeOf, reportClosing, reportError } from '../command/report-error.js';
import type { LoadedConfiguration } from '../config/configuration.js';
import { settingsLogger, wordsOf } from '../config/setting-words.js';
import { isChosen, someLetters, type LetterChoice, type TopicQueue } from '../runtime/chosen-letters.js';
import { closeAll, closedAfter, closeInTime } from '../runtime/close-all.js';
import { LetterFailures, SinkIsOutError } from '../runtime/letter-failures.js';
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
import { isOutage, type Sink } from '../sinks/sink.js';
import { SourceError } from '../sinks/source-error.js';

/** What is redriven. */
export interface RedriveWork {
  readonly queues: readonly TopicQueue[];
  readonly choice: LetterChoice;
  readonly limit: number;
}

/** Most letters that are taken from a queue at once. */
const AT_ONCE = 100;

/** What has become of the letters. */
interface Counts {
  done: number;
  /** The ids of those that failed again. */
  readonly failed: Set<string>;
  untried: number;
}

/** Writes dead letters to the sink of their topic again. What fails again stays in its queue. */
export async function redriveLetters(
  context: Context,
  loaded: LoadedConfiguration,
  work: RedriveWork,
): Promise<number> {
  const counts: Counts = { done: 0, failed: new Set(), untried: 0 };
  const errors: unknown[] = [];
  const out = new Map<string, SinkIsOutError>();
  for (const of of work.queues) {
    const limit = work.limit - triedOf(counts);
    // A sink may need something of the org of its events.
    const key = `${of.plan.sink ?? ''} ${of.plan.org ?? ''}`;
    if (limit === 0 || (out.has(key) && limit <= counts.untried)) continue;
    try {
      if (!(await hasChosen(of.queue, work.choice))) continue;
      await unlessOut(out, key, () => redriveQueue(context, loaded, of, { ...work, limit }, counts));
    } catch (error) {
      // The letters of other topics may have other sinks, or other orgs.
      const told = error instanceof SinkIsOutError ? await withRest(error, of.queue, work, counts) : error;
      errors.push(causeOf(error));
      reportError(told, (text) => context.note(`${of.plan.label}: ${text}`));
    }
  }
  const { done, failed, untried } = counts;
  const rest = untried === 0 ? '' : `, ${untried} ${untried === 1 ? 'was' : 'were'} not tried`;
  context.note(`${plural(done, 'letter')} ${done === 1 ? 'was' : 'were'} written, ${failed.size} failed again${rest}.`);
  if (errors.length > 0) return exitCodeOf(errors[0]);
  return failed.size === 0 ? EXIT.done : EXIT.failed;
}

/**
 * Does work, unless its sink is known to be out: many topics may share one, and each would wait for it anew.
 *
 * @param out - The sinks that are out, by their keys. The work may add its own.
 * @throws rejects with the error of the sink, or with that of the work.
 */
async function unlessOut(out: Map<string, SinkIsOutError>, key: string, work: () => Promise<void>): Promise<void> {
  const known = out.get(key);
  if (known) throw known;
  try {
    await work();
  } catch (error) {
    if (error instanceof SinkIsOutError) out.set(key, error);
    throw error;
  }
}

/** Writes the letters of one topic. */
async function redriveQueue(
  context: Context,
  loaded: LoadedConfiguration,
  { plan, queue }: TopicQueue,
  work: RedriveWork,
  counts: Counts,
): Promise<void> {
  const logger = commandLog(context);
  const print = (text: string) => context.print(text);
  const tell = reportClosing((text) => context.note(text));
  const { client, source } = openOrgIfThere(loaded.configuration, { logger, logLevel: 'warn' }, plan.org);
  try {
    const sink = await sinkOf(plan, loaded, { print, directory: loaded.directory, logger, client, source });
    const closing = { close: () => closeInTime(sinkNamed(plan.sink ?? ''), sink) };
    const { view, release } = someLetters(queue, work.choice, work.limit);
    const schemas = await openSchemas(loaded, client, logger);
    const failures = new LetterFailures(plan);
    const again$ = redriven(view, writeAgain(sink, schemas, plan.org, failures), failures).pipe(
      tap((outcome) => {
        if (outcome.ok) counts.done += 1;
        else counts.failed.add(outcome.val.id);
        if (outcome.err) context.note(`${plan.label}: ${outcome.val.id} failed again: ${outcome.val.error.message}`);
      }),
    );
    const rewritten = () => lastValueFrom(again$, { defaultValue: undefined });
    await closedAfter(rewritten, () => closeAll([{ close: release }, closing, schemas], tell), tell);
  } finally {
    client.close();
  }
}

function triedOf({ done, failed }: Counts): number {
  return done + failed.size;
}

/** The error of a sink that is out, with what is left and what is to be done. What is left counts as not tried. */
async function withRest(
  error: SinkIsOutError,
  queue: DeadLetterQueue,
  { choice, limit }: RedriveWork,
  counts: Counts,
): Promise<SinkIsOutError> {
  const rest = await leftIn(queue, choice, Math.max(0, limit - triedOf(counts) - counts.untried), counts);
  const isOfSource = error.cause instanceof SourceError;
  const mended = isOfSource ? 'Once it can be had' : 'Once the sink takes events again';
  return new SinkIsOutError(`${error.message} ${rest} ${mended}, run rxforce dlq redrive once more.`, { cause: error });
}

/** What says how the command ends: a login that was refused, where a sink needed one. */
function causeOf(error: unknown): unknown {
  const { cause } = Object(error) as { readonly cause?: unknown };
  return cause instanceof SourceError ? cause.cause : error;
}

/** Counts the letters that are left, `most` at most, and says it. A queue that fails now hides no error of its sink. */
async function leftIn(queue: DeadLetterQueue, choice: LetterChoice, most: number, counts: Counts): Promise<string> {
  try {
    const left = Math.min(most, await countOf(queue, choice, counts.failed));
    counts.untried += left;
    return `${plural(left, 'letter')} ${left === 1 ? 'stays as it was' : 'stay as they were'}.`;
  } catch (error) {
    return `The letters that are left stay as they were. They cannot be counted: ${wordsOf(error)}`;
  }
}

async function hasChosen(queue: DeadLetterQueue, choice: LetterChoice): Promise<boolean> {
  // One that is damaged is reported by the work on it.
  for await (const letter of queue.list()) if (letter.err || isChosen(letter.val, choice)) return true;
  return false;
}

/** How many letters are chosen, without some. */
async function countOf(queue: DeadLetterQueue, choice: LetterChoice, without: ReadonlySet<string>): Promise<number> {
  let count = 0;
  for await (const letter of queue.list()) {
    if (letter.ok && isChosen(letter.val, choice) && !without.has(letter.val.id)) count += 1;
  }
  return count;
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
function redriven(queue: DeadLetterQueue, write: ReturnType<typeof writeAgain>, failures: LetterFailures) {
  return redrive(queue, write, {
    ...{ asTheyWere: true, batchSize: AT_ONCE, outage: isOutage },
    delays: (_attempt, error) => failures.waitAfter(error),
  });
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
