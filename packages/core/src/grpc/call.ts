import {
  Metadata,
  status,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  type requestCallback,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import { Observable, type Subscriber } from 'rxjs';
import type { RxforceError } from '../model/errors.js';
import { dropReadParts } from './read-parts.js';

/** Turns the status that a call failed with into an error. */
export type ErrorOf = (final: StatusObject) => RxforceError;

/** How long to wait for the status of a call whose answers have ended, or are not gRPC, in milliseconds. */
const LATE_STATUS_MS = 1_000;

/** The parts of a call of two streams. */
export interface DuplexCallParts<Asked, Request, Response> {
  readonly open: () => ClientDuplexStream<Request, Response>;
  /** What is asked for. When it completes, the client's half of the stream is closed. */
  readonly asked: Observable<Asked>;
  /** The request for it. The first one has the index 0. */
  readonly requestOf: (asked: Asked, index: number) => Request;
  readonly errorOf: ErrorOf;
  /** A response came. */
  readonly accepted: () => void;
}

/**
 * A call of two streams as an Observable of responses, fed by an Observable of what is asked for. It completes when the
 * server ended the stream without an error, errors otherwise, and cancels the call when unsubscribed.
 *
 * The behaviour of grpc-js that this must cope with (measured with 1.14):
 * - `error` and `status` can come while messages still wait in the stream's buffer: the call is over at `end`, which
 *   comes after the last of them, and `status` says whether it succeeded.
 * - A cut connection can give `end` and no `status` at all.
 * - `cancel()` does not destroy the stream: buffered messages still come, and are ignored here.
 * - An `error` without a listener ends the process, also after `cancel()`: the listener stays for good.
 */
export function duplexCall<Asked, Request, Response>({
  open,
  asked,
  requestOf,
  errorOf,
  accepted,
}: DuplexCallParts<Asked, Request, Response>): Observable<Response> {
  return new Observable((subscriber) => {
    const call = withoutStack(open);
    const answer = new AnswerType((missing) => subscriber.error(errorOf(missing)));
    let requests = 0;
    call.on('error', () => undefined);
    endWith(call, answer, subscriber, errorOf);
    // A closed subscriber ignores messages that still come after cancel().
    call.on('data', (response: Response) => {
      dropReadParts(call);
      if (subscriber.closed) return;
      accepted();
      subscriber.next(response);
    });
    subscriber.add(() => {
      answer.stop();
      call.cancel();
    });
    subscriber.add(
      asked.subscribe({
        next: (each) => call.write(requestOf(each, requests++)),
        error: (error: unknown) => subscriber.error(error),
        complete: () => call.end(),
      }),
    );
  });
}

/** Ends the Observable once there is a status, and all responses have been read. */
function endWith(
  call: ClientReadableStream<unknown>,
  answer: AnswerType,
  subscriber: Subscriber<unknown>,
  errorOf: ErrorOf,
): void {
  let ended = false;
  let result: StatusObject | undefined;
  const finish = () => {
    if (!ended || result === undefined || subscriber.closed) return;
    if (result.code === status.OK) subscriber.complete();
    else subscriber.error(errorOf(result));
  };
  call.on('metadata', (metadata) => answer.began(metadata));
  call.on('status', (final: StatusObject) => {
    answer.stop();
    result = answer.explain(final);
    finish();
  });
  call.on('end', () => {
    ended = true;
    if (result === undefined && !subscriber.closed) answer.expectStatus();
    finish();
  });
}

/** grpc-js keeps the stack of each call, for errors of which we take the status only. */
function withoutStack<T>(call: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return call();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** A call with one request and one response as an Observable of that response. Unsubscribing cancels the call. */
export function unaryCall<Response>(
  start: (callback: requestCallback<Response>) => ClientUnaryCall,
  errorOf: ErrorOf,
  accepted: () => void,
): Observable<Response> {
  return new Observable((subscriber) => {
    const answer = new AnswerType((missing) => subscriber.error(errorOf(missing)));
    subscriber.add(() => answer.stop());
    const call = start((error: ServiceError | null, response) => {
      answer.stop();
      if (subscriber.closed) return;
      if (error) {
        subscriber.error(errorOf(answer.explain(error)));
      } else if (response !== undefined) {
        accepted();
        subscriber.next(response);
        subscriber.complete();
      }
    });
    call.on('metadata', (metadata) => answer.began(metadata));
    return () => call.cancel();
  });
}

/**
 * Checks whether the peer that answers a call speaks gRPC. grpc-js does not check, and reads a web page as the head of
 * an endless message.
 */
class AnswerType {
  private foreign: string | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** @param missing - Receives a status in place of the one that did not come. */
  constructor(private readonly missing: (status: StatusObject) => void) {}

  /** The head of the answer came. */
  began(metadata: Metadata): void {
    const type = metadata.get('content-type')[0]?.toString() ?? 'none';
    if (/^application\/grpc/i.test(type)) return;
    this.foreign = type.slice(0, 80);
    if (type !== 'none') this.expectStatus();
  }

  /** From here on a status is due. */
  expectStatus(): void {
    this.timer ??= setTimeout(() => {
      this.missing(this.explain(statusOf(status.UNAVAILABLE, 'Call ended without gRPC status')));
    }, LATE_STATUS_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** The status that grpc-js made of the answer. Where the answer was not gRPC, a status that describes the answer. */
  explain(final: StatusObject): StatusObject {
    if (this.foreign === undefined || isOfServer(final)) return final;
    return statusOf(status.UNKNOWN, `Received content-type ${this.foreign}`);
  }
}

/**
 * A server that speaks gRPC after all sends a status, and as a rule trailers with it. Otherwise the HTTP status says
 * more.
 */
function isOfServer({ code, details, metadata }: StatusObject): boolean {
  const hasTrailers = Object.keys(metadata.getMap()).length > 0;
  return code === status.OK || hasTrailers || details.startsWith('Received HTTP status code ');
}

function statusOf(code: status, details: string): StatusObject {
  return { code, details, metadata: new Metadata() };
}
