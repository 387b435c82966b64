import { defer, from, map, Observable, tap } from 'rxjs';
import { ConnectionError, SchemaError } from '../model/errors.js';
import type { EventLog, LogInfo, LogResponse } from '../ports/event-log.js';
import { logFailed, openedAnswer, readAnswer, schemaAnswer } from '../ports/log-answers.js';
import type { Logger } from '../ports/logger.js';
import type { StreamStart, Transport } from '../ports/transport.js';
import type { FetchResponse } from '../ports/wire.js';
import { LoggedEvent } from './logged-event.js';
import { partitionIn } from './partition-topic.js';

/** An event log, as the subscriptions of a client see the service. */
export interface LogTransport extends Pick<Transport, 'subscribe' | 'organization' | 'schema'> {
  /** Emits what is known of the log, which is asked once. */
  info(): Observable<LogInfo>;
}

/**
 * Makes an event log the transport of subscriptions. A topic is one partition: `/data/AccountChangeEvent#7`.
 *
 * @param logger - Is warned where a reading begins after entries that were dropped.
 */
export function logTransport(log: EventLog, logger: Logger): LogTransport {
  let known: LogInfo | undefined;
  const info = () =>
    defer(async () => {
      known ??= openedAnswer(await log.open().catch(rethrow));
      return known;
    });
  return {
    info,
    organization: () => info().pipe(map(({ id }) => id)),
    subscribe: (start, demand, silence, connected) => reading({ log, logger }, start, demand, silence, connected),
    schema: (schemaId) =>
      defer(() => from(log.schema(schemaId).catch(rethrow))).pipe(
        map((answer) => {
          const schemaJson = schemaAnswer(answer);
          if (schemaJson === undefined) throw noSchema(schemaId);
          return { schemaId, schemaJson, rpcId: '' };
        }),
      ),
  };
}

function reading(
  { log, logger }: { readonly log: EventLog; readonly logger: Logger },
  start: StreamStart,
  demand: Observable<number>,
  silence: Observable<unknown>,
  connected: (() => void) | undefined,
): Observable<FetchResponse> {
  return new Observable((subscriber) => {
    let wanted = 0;
    let isConnected = false;
    const counted = demand.pipe(tap((count) => (wanted += count)));
    subscriber.add(silence.subscribe(() => subscriber.error(silent(start.topic))));
    subscriber.add(
      log.read({ ...partitionIn(start.topic), from: start.from }, counted).subscribe({
        next: (answer) => {
          if (!isConnected) connected?.();
          isConnected = true;
          try {
            const response = readAnswer(answer, wanted);
            wanted -= response.entries.length;
            if (response.dropped) logger.warn(beginsLate(start.topic, response.dropped));
            subscriber.next(responseOf(response, wanted));
          } catch (error) {
            subscriber.error(error);
          }
        },
        error: (error: unknown) => subscriber.error(logFailed(error)),
        complete: () => subscriber.complete(),
      }),
    );
  });
}

const NOTHING = Buffer.alloc(0);

function responseOf({ entries, latest }: LogResponse, pendingNumRequested: number): FetchResponse {
  return {
    events: entries.map((entry) => new LoggedEvent(entry)),
    latestReplayId: latest === undefined ? NOTHING : Buffer.from(latest.toBytes()),
    rpcId: '',
    pendingNumRequested,
  };
}

function rethrow(thrown: unknown): never {
  throw logFailed(thrown);
}

function silent(topic: string): ConnectionError {
  return new ConnectionError(
    `Nothing came from the event log on ${topic}, although events were asked for: not even the sign of life that comes ` +
      'within 60 seconds. The partition is read anew.',
    { topic },
  );
}

function beginsLate(topic: string, dropped: number): string {
  return (
    `${topic}: the reading begins at the oldest entry that the log has. Those before it were dropped (${dropped}), and do not ` +
    'come any more; other partitions may lack some, too. If this group has not read them before, read the records again. ' +
    'For another time, start the workers before the relay, or raise `maxEntries` and `retentionMs` of the log.'
  );
}

function noSchema(schemaId: string): SchemaError {
  return new SchemaError(
    `The event log has no schema of the id ${schemaId}. relayTo() puts each schema there before its first event: look ` +
      'whether the log was emptied, or restored without its schemas.',
    { schemaId },
  );
}
