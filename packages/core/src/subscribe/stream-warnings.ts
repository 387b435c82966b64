import type { SchedulerLike } from 'rxjs';
import type { RxforceError } from '../model/errors.js';
import { isRefusal } from '../model/refusal.js';
import type { ReplayId } from '../model/replay-id.js';
import { FailureRow } from '../ports/failure-row.js';
import type { Logger } from '../ports/logger.js';
import { silentLogin } from '../stream-life/attended-login.js';
import { SILENCE_MS } from '../stream-life/tell-silence.js';
import type { CommitGap } from '../position/stuck-watch.js';
import type { Tell } from '../ports/status.js';

/** The failure in a row of a stream that was live before which nothing is warned of: streams break and come back. */
const WARN_AT = 4;
/**
 * How long a stream may wait for its connection after a failure before that is warned of, in milliseconds. A server
 * that is frozen takes each connection and says nothing, so that four failures would take minutes.
 */
export const AWAY_MS = 5_000;
/** What may fail in a row. */
type Call = 'stream' | 'schema' | 'position' | 'commit' | 'silence';

/** How long the watermark stands before a warning, in milliseconds. */
const GAP_TOLD_MS = 60_000;

/**
 * The warnings of a subscription, in addition to its status. Failures come in rows, and each row gets only a few
 * warnings.
 */
export class StreamWarnings {
  private wasLive = false;
  /** Whether the stream ends because nothing came on it for too long. */
  private isMute = false;
  /** Why the last stream failed, until another one has a connection. */
  private lost: { readonly cause: RxforceError | undefined } | undefined;
  private toldImplausible = false;
  private toldStrange = false;
  private gapOf: ReplayId | undefined;
  private gapToldMs = GAP_TOLD_MS;
  private left = 0;
  /** A row for each kind of call: they fail beside each other. */
  private readonly rows = new Map<Call, FailureRow>();

  constructor(
    private readonly topic: string,
    private readonly logger: Logger,
    private readonly tell: Tell,
    private readonly scheduler: SchedulerLike,
  ) {}

  /** A stream brought its first response. */
  live(): void {
    this.wasLive = true;
  }

  /** A call failed this often in a row, and is tried again after a pause. */
  waiting(call: Call, attempt: number, delayMs: number, cause: RxforceError | undefined): void {
    this.tell('waiting', () => ({ attempt, delayMs, cause }));
    if (call === 'stream') this.lost = { cause };
    const isDue = this.rowOf(call).isDue(attempt, { firstAt: this.firstAt(call, cause), kind: kindOf(cause) });
    if (isDue) this.warnOfFailure(attempt, delayMs, reasonOf(cause));
  }

  /** Whether the last stream failed, and no other one has a connection. */
  get isAway(): boolean {
    return this.lost !== undefined;
  }

  /** A stream has its connection. */
  connected(): void {
    this.lost = undefined;
  }

  /** There is no stream, and none is wanted. What the next one says is not of the last one. */
  parked(): void {
    this.lost = undefined;
    this.isMute = false;
  }

  /** Nothing came on the stream for too long, so that it ends. */
  mute(): void {
    this.isMute = true;
  }

  /** A stream that was opened after a failure has its session, and has waited for its connection for `AWAY_MS`. */
  away(): void {
    const { cause } = this.lost ?? {};
    if (!this.rowOf('stream').isDue(WARN_AT, { kind: kindOf(cause) })) return;
    this.logger.warn(
      `${this.topic}: the stream ended, and for ${AWAY_MS / 1_000} s there has been no connection for another one. It is tried again ` +
        `and again. ${reasonOf(cause)}`,
    );
  }

  /** A call has not answered for `times` times `SILENCE_MS`, and is waited for. */
  silent(times: number, { message }: RxforceError): void {
    if (this.rowOf('silence').isDue(times)) this.logger.warn(`${this.topic}: ${message}`);
  }

  /**
   * The login has not answered for `times` times `SILENCE_MS`. The client has warned of that, once for all
   * subscriptions.
   */
  silentLogin(times: number): void {
    this.tell('waiting', () => ({ attempt: times, delayMs: SILENCE_MS, cause: silentLogin(times) }));
  }

  /** A response with so many events, and so many to come, makes no sense. It is reported once. */
  implausible(events: number, pending: number): void {
    if (this.toldImplausible) return;
    this.toldImplausible = true;
    this.logger.warn(
      `${this.topic}: the server has sent ${events} events and counts ${pending} more as asked for, which does not agree with what ` +
        'it was asked for. Its events are taken, as far as there is room, and its count is not. Look for a proxy or a test server ' +
        'that counts in its own way.',
    );
  }

  /** A keepalive has a position of an impossible length, in bytes. It is reported once. */
  strangePosition(length: number, known: number): void {
    if (this.toldStrange) return;
    this.toldStrange = true;
    this.logger.warn(
      `${this.topic}: a keepalive told a replay id of ${length} bytes, where the last one has ${known}. It is not taken for the ` +
        'position: what was committed stays. Look for a proxy or a test server that sends such ids.',
    );
  }

  /** A position could not be saved, this often in a row. */
  commitFailed(attempt: number, delayMs: number, cause: RxforceError): void {
    if (this.rowOf('commit').isDue(attempt)) this.warnOfFailure(attempt, delayMs, cause.message);
  }

  /**
   * The work on an event is not done here, as the lease is lost. All of a turn are reported together.
   *
   * @param nextTurn - Calls back in a later turn.
   */
  leftToOthers(nextTurn: (work: () => void) => void): void {
    if (this.left++ > 0) return;
    nextTurn(() => {
      const events = this.left === 1 ? 'one event is' : `${this.left} events are`;
      this.left = 0;
      this.logger.warn(
        `${this.topic}: the lease is lost, and work on ${events} not done here. It comes again to who has the lease.`,
      );
    });
  }

  /** The service does not know the position `from`, and the stream starts from the preset `policy`. */
  reset(from: ReplayId | undefined, policy: 'earliest' | 'latest', error: RxforceError): void {
    this.tell('replayReset', () => ({ from, policy }));
    this.logger.warn(`${error.message} As onInvalid says, it goes on from '${policy}'.`);
  }

  /**
   * The stream of a managed subscription began after events that were received and not committed. The service has lost
   * its position, or another client has moved it.
   */
  jumped(from: ReplayId | undefined): void {
    this.tell('replayReset', () => ({ from, policy: 'committed' }));
    this.logger.warn(
      `${this.topic}: the service did not go on where this managed subscription stood. Nothing was committed yet, the committed ` +
        'position was not valid any more, or another client has read on meanwhile. Events may be missing: read the records ' +
        "again, and set defaultReplay and errorRecoveryReplay of the record to EARLIEST, where they are 'LATEST'.",
    );
  }

  /**
   * The watermark stands before one event. It is reported once it has stood there for a minute, and again each time
   * that its age has doubled.
   *
   * @param isFull - Whether the window is full, so that nothing more comes before it moves.
   */
  gap({ replayId, ageMs, eventsBehind }: CommitGap, isFull: boolean): void {
    if (this.gapOf !== replayId) {
      this.gapOf = replayId;
      this.gapToldMs = GAP_TOLD_MS;
    }
    if (ageMs < this.gapToldMs) return;
    this.gapToldMs = 2 * ageMs;
    const seconds = Math.round(ageMs / 1000);
    const standstill = isFull ? ' The window is full, so no more events come until then.' : '';
    this.logger.warn(
      `${this.topic}: the event at replay id ${replayId.toString()} has not been settled for ${seconds} s, and the position stands ` +
        `before it, with ${eventsBehind} events after it.${standstill} Look for work that never ends: a request without a timeout, a ` +
        'promise that nobody resolves, a dead-letter queue that does not answer. timeoutMs of handle() and retryWithDLQ() bounds it.',
    );
  }

  /** A failure at the beginning is reported at once, and a refusal from the second one on. */
  private firstAt(call: Call, cause: RxforceError | undefined): number {
    const isOfMute = call === 'stream' && this.isMute;
    if (isOfMute) this.isMute = false;
    if (this.wasLive && !isOfMute) return WARN_AT;
    return isRefusal(cause) ? 2 : 1;
  }

  private rowOf(call: Call): FailureRow {
    const row = this.rows.get(call) ?? new FailureRow(this.scheduler);
    this.rows.set(call, row);
    return row;
  }

  private warnOfFailure(attempt: number, delayMs: number, reason: string): void {
    const seconds = (delayMs / 1000).toFixed(1);
    this.logger.warn(`${this.topic}: attempt ${attempt} failed, the next is in ${seconds} s. ${reason}`);
  }
}

function reasonOf(cause: RxforceError | undefined): string {
  return cause?.message ?? 'The server ended the stream.';
}

/** By what the service says, and by whether the call has reached it. Messages have ids in them. */
function kindOf(cause: RxforceError | undefined): string | undefined {
  return cause && [cause.code, cause.serviceCode, cause.grpcStatus, cause.neverSent].join();
}
