import type { SubscribeOptions } from '@rxforce/core';
import { CHANGE_TYPES, ConfigurationError, topicOf, type ChangeType } from '@rxforce/core/model';
import { handle } from '@rxforce/operators';
import {
  concat,
  EMPTY,
  filter,
  identity,
  lastValueFrom,
  merge,
  Subject,
  take,
  takeUntil,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import type { CommonOptions } from '../command/load.js';
import { replayFromOf } from '../config/replay-from.js';
import { eventText } from '../runtime/event-text.js';
import { onlyWhere, warnOf, whereCheck } from '../runtime/topic-where.js';
import { whereOf } from '../runtime/where.js';
import { whereInText } from '../runtime/where-text.js';
import { withOrg, type CommandOrg } from '../runtime/with-org.js';
import { jsonLinesOf } from '../sinks/event-json.js';
import type { SinkEvent } from '../sinks/sink.js';

/** The options of `rxforce tail`. */
export interface TailOptions extends CommonOptions {
  readonly from: string;
  readonly type?: string;
  readonly where?: string;
  readonly fields?: string;
  readonly limit?: number;
}

/** A reader such as `less` may be left alone for days. It is the longest time of a timer. */
const LONGEST_PAUSE_MS = 2_147_483_647;

/** `rxforce tail`: shows events as they come, and keeps no position. */
export async function tail(context: Context, topics: readonly string[], options: TailOptions): Promise<number> {
  const names = topics.map((topic) => topicOf(topic));
  const settings = { ...settingsOf(options), isOnly: names.length === 1 };
  return withOrg(context, options, async (org) => {
    context.note(`Reads ${names.join(', ')} from ${options.from}. Ctrl-C ends it.`);
    const { hasColor } = context;
    const textOf = options.json === true ? jsonOf : eventText(org.client, { hasColor });
    const ended$ = new Subject<void>();
    const stop = context.around.onSignal(() => ended$.next());
    try {
      const events$ = merge(...names.map((topic) => eventsOf(topic, org, settings))).pipe(
        take(options.limit ?? Infinity),
        // An event is held until its line is out. So no more are asked for than the reader of the lines can take.
        handle(async (event) => context.print(await textOf(event))),
        takeUntil(ended$),
      );
      await lastValueFrom(events$, { defaultValue: undefined });
    } finally {
      stop();
    }
    return EXIT.done;
  });
}

function jsonOf(event: SinkEvent): string {
  return jsonLinesOf([event]);
}

interface TailSettings extends ReturnType<typeof settingsOf> {
  /** Whether it is one topic. Of several, not each has the fields of `--where`. */
  readonly isOnly: boolean;
}

/** @throws `ConfigurationError` when an option cannot be right. */
function settingsOf({ from: start, type, where, fields }: TailOptions) {
  const types = type?.split(',').map((each) => each.trim().toUpperCase());
  const unknown = types?.find((each) => !(CHANGE_TYPES as readonly string[]).includes(each));
  if (unknown !== undefined) {
    throw new ConfigurationError(`--type ${unknown}: there is no such change. There are ${CHANGE_TYPES.join(', ')}.`);
  }
  return {
    replay: startOf(start),
    types: types as readonly ChangeType[] | undefined,
    where: where === undefined ? undefined : whereInText(where),
    fields: fields?.split(',').map((each) => each.trim()),
  };
}

function startOf(text: string) {
  try {
    return replayFromOf(text);
  } catch (cause) {
    throw new ConfigurationError(`--from ${(cause as Error).message}`, { cause });
  }
}

function eventsOf(topic: string, org: CommandOrg, settings: TailSettings): Observable<SinkEvent> {
  const { client } = org;
  const { replay, types, where, fields } = settings;
  const decoded = fields && [...fields, ...Object.keys(where ?? {}).map((path) => path.split('.')[0] ?? path)];
  // Nothing is kept, so nothing can be lost: what no filter lets through needs nobody who works on it.
  const options: SubscribeOptions = {
    ...{ replay, settle: 'on-return', stuckAfterMs: LONGEST_PAUSE_MS },
    ...(decoded && { fields: decoded }),
  };
  const events$: Observable<SinkEvent> = topic.startsWith('/event/')
    ? client.events(topic, options)
    : client.changes(topic, options);
  const check$ = settings.isOnly ? whereCheck(planOf(topic, where), client) : EMPTY;
  return concat(check$, events$).pipe(
    filter((event) => !types || ('header' in event && types.includes(event.header.changeType))),
    whereIn(topic, org, settings),
  );
}

/** As in `run`: what no event can fulfil ends it, but for an object of a channel, or one of several topics. */
function whereIn(
  topic: string,
  { logger }: CommandOrg,
  { where, isOnly }: TailSettings,
): MonoTypeOperatorFunction<SinkEvent> {
  if (!where) return identity;
  if (isOnly) return onlyWhere(planOf(topic, where), logger);
  return filter(whereOf(where, (problems) => warnOf(problems, { topic, logger })));
}

function planOf(topic: string, where: TailSettings['where']) {
  return { topic, where, placeOf: () => ({ at: '--where', setting: '' }) };
}
