import {
  status,
  type ClientDuplexStream,
  type ClientUnaryCall,
  type requestCallback,
  type StatusObject,
} from '@grpc/grpc-js';
import { Observable } from 'rxjs';
import type { RxforceError } from '../model/errors.js';

/** Turns the status that a call failed with into an error. */
export type ErrorOf = (final: StatusObject) => RxforceError;

/**
 * A call of two streams as an Observable of responses, fed by an Observable of requests. It completes when the server
 * ended the stream in peace, errors when it did not, and cancels the call when unsubscribed. When `requests` complete,
 * the client's half of the stream is closed.
 *
 * What grpc-js does that this must stand (measured with 1.14):
 * - `error` and `status` can come while messages still wait in the stream's buffer: the call is over at `end`, which comes
 *   after the last of them, and whether it went well is told by `status`.
 * - `cancel()` does not destroy the stream: what is buffered still comes, and is ignored here.
 * - An `error` without a listener ends the process, also after `cancel()`: the listener stays for good.
 */
export function duplexCall<Request, Response>(
  open: () => ClientDuplexStream<Request, Response>,
  requests: Observable<Request>,
  errorOf: ErrorOf,
): Observable<Response> {
  return new Observable((subscriber) => {
    const call = open();
    let ended = false;
    let result: StatusObject | undefined;
    const finish = () => {
      if (!ended || result === undefined) return;
      if (result.code === status.OK) subscriber.complete();
      else subscriber.error(errorOf(result));
    };
    call.on('error', () => undefined);
    call.on('status', (final: StatusObject) => {
      result = final;
      finish();
    });
    call.on('end', () => {
      ended = true;
      finish();
    });
    // A closed subscriber ignores what still comes after cancel().
    call.on('data', (response: Response) => subscriber.next(response));
    subscriber.add(() => call.cancel());
    subscriber.add(
      requests.subscribe({
        next: (request) => call.write(request),
        error: (error: unknown) => subscriber.error(error),
        complete: () => call.end(),
      }),
    );
  });
}

/** A call with one request and one response as an Observable of that response. It is cancelled when unsubscribed. */
export function unaryCall<Response>(
  start: (callback: requestCallback<Response>) => ClientUnaryCall,
  errorOf: ErrorOf,
): Observable<Response> {
  return new Observable((subscriber) => {
    const call = start((error, response) => {
      if (error) {
        subscriber.error(errorOf(error));
      } else if (response !== undefined) {
        subscriber.next(response);
        subscriber.complete();
      }
    });
    return () => call.cancel();
  });
}
