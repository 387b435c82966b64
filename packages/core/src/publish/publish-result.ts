import { PublishError, type RxforceError } from '../model/errors.js';
import { plainText } from '../model/plain-text.js';
import { ReplayId } from '../model/replay-id.js';
import { Err, Ok, type Result } from '../model/result.js';
import type { WirePublishResult } from '../ports/wire.js';
import type { Published } from './publish-input.js';

/** What became of an event. */
export type PublishResult = Result<Published, PublishError>;

/** What the service says of an event. */
export function resultOf(
  topic: string,
  id: string,
  { error, replayId }: WirePublishResult,
  rpcId: string,
): PublishResult {
  if (error) return Err(refusedByService(topic, id, plainText(error.msg), rpcId));
  return Ok({ topic, id, replayId: ReplayId.fromBytes(replayId) });
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

/** An event that was not published, or perhaps, and nobody took the result that says so. */
export function notTaken(cause: PublishError): PublishError {
  const { reason, topic, eventId = '', problems, rpcId, retriable } = cause;
  return new PublishError(
    reason,
    `${cause.message} That is the result of event ${JSON.stringify(eventId)}, and nobody took it, so what the event was made ` +
      'of does not count as done. Take the Err behind the publisher with handle(), or put it aside with ' +
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
