import { PublishError, type RxforceError } from '../model/errors.js';
import { plainText } from '../model/plain-text.js';
import { ReplayId } from '../model/replay-id.js';
import { Err, Ok, type Result } from '../model/result.js';
import type { WirePublishResult } from '../ports/wire.js';
import type { Published } from './publish-input.js';

/** What became of an event. */
export type PublishResult = Result<Published, PublishError>;

/**
 * The result that the service gave for an event.
 *
 * @param result - `undefined` where the service gave none, or contradicts itself.
 */
export function resultOf(
  topic: string,
  id: string,
  result: WirePublishResult | undefined,
  rpcId: string,
): PublishResult {
  if (result === undefined) return Err(notAnswered(topic, id, 'answered its request without one result for it', rpcId));
  const { error, replayId } = result;
  if (error) return Err(refusedByService(topic, id, plainText(error.msg) || 'it gave no reason.', rpcId));
  if (replayId.length === 0) return Err(notAnswered(topic, id, 'gave it neither a position nor an error', rpcId));
  return Ok({ topic, id, replayId: ReplayId.fromBytes(replayId) });
}

/**
 * The results of the events with these ids, in their order. The service gives one for each event, in that order. Where
 * it does not, results are matched by id: an event has no result where none has its id, or where several do and differ.
 */
export function resultsInOrder(
  ids: readonly string[],
  results: readonly WirePublishResult[],
): readonly (WirePublishResult | undefined)[] {
  // Where no result has an id, only the order is left.
  const areNameless = results.every(({ correlationKey }) => correlationKey === '');
  const isOrdered = ({ correlationKey }: WirePublishResult, at: number) => areNameless || correlationKey === ids[at];
  const areInOrder = results.length === ids.length && results.every(isOrdered);
  if (areInOrder) return results;
  return ids.map((id, at) => {
    const mine = results.filter(({ correlationKey }) => correlationKey === id);
    const isShared = ids.indexOf(id) !== ids.lastIndexOf(id);
    // Events that share an id can be told apart only where there is one result for each.
    if (isShared) return mine.length === count(ids, id) ? mine[count(ids.slice(0, at), id)] : undefined;
    return mine.every((other) => agree(mine[0], other)) ? mine[0] : undefined;
  });
}

function count(ids: readonly string[], wanted: string): number {
  return ids.filter((id) => id === wanted).length;
}

function agree(one: WirePublishResult | undefined, other: WirePublishResult): boolean {
  return one !== undefined && !one.error === !other.error && one.replayId.equals(other.replayId);
}

/** An event that was sent and not answered. */
export function outcomeUnknown(topic: string, eventId: string, cause: RxforceError): PublishError {
  return new PublishError(
    'unknown',
    `Whether the event is on ${topic} is unknown: it was sent, and then the connection broke. To publish it again may ` +
      `publish it twice. ${cause.message}`,
    { topic, eventId, cause },
  );
}

function notAnswered(topic: string, eventId: string, what: string, rpcId: string): PublishError {
  return new PublishError(
    'unknown',
    `Whether the event is on ${topic} is unknown: the service ${what}. To publish it again may publish it twice. Look for a ` +
      'proxy or a test server that answers in its own way.',
    { topic, eventId, ...(rpcId !== '' && { rpcId }) },
  );
}

/** An event that was not published, or perhaps was, and whose result nobody took. */
export function notTaken(cause: PublishError): PublishError {
  const { reason, topic, eventId = '', problems, rpcId, retriable } = cause;
  return new PublishError(
    reason,
    `${cause.message} That is the result of event ${JSON.stringify(eventId)}, and nobody took it, so what the event was made ` +
      'of does not count as done. Take the Err after the publisher with handle(), or put it aside with ' +
      "publishOrPutAside(client.publisher(…), queue); or give the publisher onRefused: 'settle', to go on without such events.",
    {
      eventId,
      retriable,
      cause,
      ...(topic !== undefined && { topic }),
      ...(problems && { problems }),
      ...(rpcId !== undefined && { rpcId }),
    },
  );
}

/** One event too many. */
export function overflow(topic: string, most: number): PublishError {
  return new PublishError(
    'overflow',
    `More than ${most} events for ${topic} wait to be published. Those without a result are not settled. Slow the source ` +
      'down (a stream of rxforce is slowed by its window), or raise maxBuffered.',
    { topic },
  );
}

function refusedByService(topic: string, eventId: string, reason: string, rpcId: string): PublishError {
  return new PublishError('refused', `The service did not publish the event on ${topic}: ${reason}`, {
    topic,
    eventId,
    ...(rpcId !== '' && { rpcId }),
  });
}
