import { Observable, timer } from 'rxjs';
import { ConnectionError, type RxforceError } from '../model/errors.js';
import { targetOf } from '../net/hosts.js';
import { whenConnected, type Connection } from './connection.js';

/** The conditions watched during a call. */
export interface CallWatch {
  readonly endpoint: string;
  readonly topic?: string;
  /** Longest wait for a connection, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** When it emits, the server has been silent for too long. */
  readonly silence: Observable<unknown>;
  /** The error of a call whose server was silent. It is given what `silence` has emitted. */
  readonly silent: (told: unknown) => RxforceError;
  /** The call has a connection. */
  readonly connected: () => void;
  /** How long nothing is said of a call that waits, in milliseconds. */
  readonly quietMs: number;
  /** The call has waited that long: for its connection, or where it has one answer only, for that. */
  readonly quiet: () => void;
  /** Whether it has one answer only. The answers of streams come when there is something to say. */
  readonly isUnary: boolean;
  /** The connection is unusable. Later calls must be made on another one. */
  readonly replace: () => void;
}

/**
 * Makes a call that errors when its connection is dead or cannot be made. grpc-js waits without end for a port that
 * accepts connections and sends nothing.
 */
export function watchedCall<T>(connection: Connection, call: Observable<T>, watch: CallWatch): Observable<T> {
  return new Observable((subscriber) => {
    const startedAt = performance.now();
    let isConnected = false;
    const give = (error: RxforceError) => {
      watch.replace();
      subscriber.error(error);
    };
    const giveUp = () => give(noConnection(connection, watch, performance.now() - startedAt));
    subscriber.add(watch.silence.subscribe((told) => (isConnected ? give(watch.silent(told)) : giveUp())));
    const patience = timer(watch.connectTimeoutMs).subscribe(giveUp);
    subscriber.add(patience);
    const quiet = timer(watch.quietMs).subscribe(watch.quiet);
    subscriber.add(quiet);
    subscriber.add(call.subscribe(subscriber));
    subscriber.add(
      whenConnected(connection.stub.getChannel()).subscribe(() => {
        isConnected = true;
        patience.unsubscribe();
        if (!watch.isUnary) quiet.unsubscribe();
        if (!subscriber.closed) watch.connected();
      }),
    );
  });
}

function noConnection({ proxy }: Connection, { endpoint, topic }: CallWatch, waitedMs: number): ConnectionError {
  const way =
    proxy === undefined
      ? 'Behind a proxy, name it in HTTPS_PROXY, or as createClient({ proxy }).'
      : `It goes by ${proxy}: check that this makes tunnels to that host and port.`;
  const port =
    targetOf(endpoint).port === 443
      ? ''
      : ' Some firewalls let port 443 pass only: try endpoint "…:443", as "api.pubsub.salesforce.com:443".';
  return new ConnectionError(
    `No connection to ${endpoint} came about within ${Math.round(waitedMs / 100) / 10} s: something takes it and says nothing, such ` +
      `as a firewall, or lets nothing pass.${port} ${way}`,
    // No part of the call has left this machine.
    { neverSent: true, ...(topic !== undefined && { topic }) },
  );
}
