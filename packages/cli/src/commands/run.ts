import { ConfigurationError } from '@rxforce/core/model';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import { loadConfiguration, type CommonOptions } from '../command/load.js';
import { plural } from '../command/plural.js';
import { exitCodeOf, reportClosing } from '../command/report-error.js';
import { lineOf } from '../config/place.js';
import { chosenPlans, namesOf } from '../runtime/chosen-plans.js';
import { closedAfter } from '../runtime/close-all.js';
import { openLog, type Log } from '../runtime/log.js';
import { Runner } from '../runtime/runner.js';
import { TopicEnds } from '../runtime/topic-ends.js';
import { roleOf } from '../runtime/scale-out.js';
import type { TopicPlan } from '../runtime/topic-plan.js';

/** The options of `rxforce run`. */
export interface RunOptions extends CommonOptions {
  readonly only?: readonly string[];
  readonly drainTimeout: number;
  readonly debug?: boolean;
  readonly role?: string;
}

/** `rxforce run`: reads events and writes them to sinks, until a signal ends it. */
export async function run(context: Context, file: string | undefined, options: RunOptions): Promise<number> {
  const config = file ?? options.config;
  const loaded = loadConfiguration(context, config === undefined ? {} : { config });
  const role = roleOf(options.role, loaded.configuration);
  const plans = chosen(chosenPlans(loaded, { org: options.org }), options.only);
  const { logging } = loaded.configuration;
  let [lastLine, reasonLine] = ['', ''];
  const log = openLog({
    settings: logging,
    debug: options.debug ?? false,
    write: (text) => void context.around.stderr.write((lastLine = text)),
    hide: context.hidden,
  });
  loaded.hints.forEach((hint) => log.warn(lineOf(hint)));
  const topics = plural(plans.length, 'topic');
  if (logging.file !== null) context.note(`rxforce reads ${topics}. Its log is ${logging.file}.`);
  const stopReopening = context.around.onReopen(() => reopen(log));
  const { drainTimeout: drainTimeoutMs } = options;
  const ends = new TopicEnds(() => (reasonLine = lastLine));
  const print = (text: string) => context.print(text);
  const runner = new Runner({ loaded, plans, log, ends, role, print, drainTimeoutMs });
  const tell = reportClosing((text) => context.note((lastLine = text)));
  try {
    const work = () => untilDrained(runner, context, log, drainTimeoutMs);
    return await closedAfter(work, () => runner.close(tell), tell);
  } catch (error) {
    // Where the log is in a file, nobody has read of it yet. Otherwise it is said again only where other lines follow.
    if (logging.file === null && ends.hasTold(error) && lastLine === reasonLine) return exitCodeOf(error);
    throw error;
  } finally {
    stopReopening();
    log.close();
  }
}

/** Where the file cannot be opened anew, the log goes on in the old one. */
function reopen(log: Log): void {
  try {
    log.reopen();
  } catch (error) {
    log.warn(`the log stays in its old file: ${(error as Error).message}`);
  }
}

/** @throws `ConfigurationError` when a topic of `--only` is not in the configuration. */
function chosen(plans: readonly TopicPlan[], only: readonly string[] | undefined): readonly TopicPlan[] {
  if (only === undefined) return plans;
  const unknown = only.find((name) => !plans.some((plan) => namesOf(plan).includes(name)));
  if (unknown !== undefined) {
    throw new ConfigurationError(
      `--only ${unknown}: no topic of the configuration is this one. It has ${plans.map(({ label }) => label).join(', ')}.`,
    );
  }
  return plans.filter((plan) => only.some((name) => namesOf(plan).includes(name)));
}

async function untilDrained(runner: Runner, context: Context, log: Log, timeoutMs: number): Promise<number> {
  let isSignalled = false;
  const stop = context.around.onSignal(() => {
    if (isSignalled) {
      log.warn('ended by a second signal: what was under way comes again');
      context.around.exitNow(EXIT.interrupted);
    }
    log.info(`ends: waits for the work under way, at most ${timeoutMs / 1_000} s`);
    isSignalled = true;
    void runner.drain();
  });
  try {
    await runner.run();
    const { unsettled = 0, uncommitted = 0 } = (await runner.drained) ?? {};
    const { text } = runner.tally;
    const done = text === '' ? '' : ` (${text})`;
    if (unsettled + uncommitted === 0) {
      log.info(`has ended: everything that came is done${done}`);
      return EXIT.done;
    }
    const left = `${plural(unsettled, 'event')} ${unsettled === 1 ? 'was' : 'were'} not done`;
    log.warn(`has ended${done}: ${left}, and ${uncommitted} not committed. They come again.`);
    return EXIT.failed;
  } finally {
    stop();
  }
}
