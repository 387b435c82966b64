import { ConfigurationError, jsonOf } from '@rxforce/core/model';
import { formatDeadLetter, type DeadLetter, type DeadLetterQueue } from '@rxforce/dead-letters';
import { actionOf } from '../command/action-of.js';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import { loadConfiguration, type CommonOptions } from '../command/load.js';
import { plural } from '../command/plural.js';
import { table } from '../command/table.js';
import type { LoadedConfiguration } from '../config/configuration.js';
import { isChosen, type LetterChoice, type TopicQueue } from '../runtime/chosen-letters.js';
import { chosenPlans } from '../runtime/chosen-plans.js';
import { openStorage } from '../runtime/storage.js';
import { commandLog } from '../runtime/with-org.js';

/** The options of `rxforce dlq`. */
export interface DlqOptions extends CommonOptions {
  readonly topic?: string;
  readonly match?: string;
  readonly limit?: number;
  readonly all?: boolean;
}

/** What an action works on. */
interface Work {
  readonly context: Context;
  readonly loaded: LoadedConfiguration;
  readonly queues: readonly TopicQueue[];
  readonly choice: LetterChoice;
  readonly options: DlqOptions;
}

const ACTIONS: Readonly<Record<string, (work: Work) => Promise<number>>> = {
  list,
  show,
  export: exported,
  discard,
  redrive: async ({ context, loaded, queues, choice, options }) => {
    const { redriveLetters } = await import('./dlq-redrive.js');
    return redriveLetters(context, loaded, { queues, choice, limit: options.limit ?? Infinity });
  },
};

/** `rxforce dlq`: what was put aside, because it failed for good. */
export async function dlq(
  context: Context,
  action: string | undefined,
  ids: readonly string[],
  options: DlqOptions,
): Promise<number> {
  const act = actionOf('dlq', action, ACTIONS);
  const loaded = loadConfiguration(context, options);
  // Letters are written again for long, while a server may be away for a moment.
  const storage = await openStorage(loaded.configuration, commandLog(context), { waits: action === 'redrive' });
  try {
    const queues = chosenPlans(loaded, options).map((plan) => ({ plan, queue: storage.deadLetters(plan) }));
    const choice = { ids, ...(options.match !== undefined && { match: options.match }) };
    return await act({ context, loaded, queues, choice, options });
  } finally {
    await storage.close();
  }
}

/** The letters that are asked for. A queue that is damaged is an error. */
async function* lettersOf({ queues, choice, options }: Work): AsyncGenerator<{ letter: DeadLetter; of: TopicQueue }> {
  let left = options.limit ?? Infinity;
  for (const of of queues) {
    for await (const letter of of.queue.list()) {
      if (letter.err) throw letter.val;
      if (!isChosen(letter.val, choice)) continue;
      if (left === 0) return;
      left -= 1;
      yield { letter: letter.val, of };
    }
  }
}

async function list(work: Work): Promise<number> {
  const rows: Record<string, string | number>[] = [];
  for await (const { letter, of } of lettersOf(work)) {
    rows.push({
      id: letter.id,
      topic: of.plan.label,
      what: whatOf(letter),
      attempts: letter.attempts,
      failedAt: new Date(letter.lastFailedAt).toISOString(),
      error: letter.error.message,
    });
  }
  const head = ['ID', 'TOPIC', 'WHAT', 'ATTEMPTS', 'FAILED AT', 'ERROR'];
  const json = work.options.json === true;
  await work.context.print(
    json
      ? `${JSON.stringify(rows, null, 2)}\n`
      : table(
          head,
          rows.map((row) => Object.values(row).map(String)),
        ),
  );
  return EXIT.done;
}

function whatOf({ value }: DeadLetter): string {
  const { header } = Object(value) as {
    readonly header?: { changeType: string; entityName: string; recordIds: readonly string[] };
  };
  return header ? `${header.changeType} ${header.entityName} ${header.recordIds[0] ?? ''}` : 'event';
}

async function show(work: Work): Promise<number> {
  if (work.choice.ids?.length !== 1) {
    throw new ConfigurationError('dlq show needs the id of a letter, as dlq list shows it.');
  }
  for await (const { letter } of lettersOf(work)) {
    await work.context.print(`${JSON.stringify(jsonOf(letter), null, 2)}\n`);
    return EXIT.done;
  }
  throw notThere(work);
}

async function exported(work: Work): Promise<number> {
  for await (const { letter } of lettersOf(work)) await work.context.print(`${formatDeadLetter(letter).unwrap()}\n`);
  return EXIT.done;
}

async function discard(work: Work): Promise<number> {
  const { choice, options, context } = work;
  if (choice.ids?.length === 0 && choice.match === undefined && options.all !== true) {
    throw new ConfigurationError('dlq discard needs ids, --match or --all: what is discarded is gone.');
  }
  const found = new Map<DeadLetterQueue, string[]>();
  for await (const { letter, of } of lettersOf(work)) found.set(of.queue, [...(found.get(of.queue) ?? []), letter.id]);
  if (found.size === 0 && (choice.ids?.length ?? 0) > 0) throw notThere(work);
  for (const [queue, ids] of found) await queue.remove(ids);
  const count = [...found.values()].flat().length;
  context.note(`${plural(count, 'letter')} ${count === 1 ? 'was' : 'were'} discarded.`);
  return EXIT.done;
}

function notThere({ choice }: Work): ConfigurationError {
  return new ConfigurationError(`There is no letter ${choice.ids?.join(', ') ?? ''}: see rxforce dlq list.`);
}
