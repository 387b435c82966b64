import type { RxforceError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';
import type { Logger } from '../ports/logger.js';
import type { StatusDetail } from '../ports/status.js';

/** How many streams may fail in a row before somebody is warned, and how often then. */
const WARN_AT = 4;
const WARN_EVERY = 20;

/** What a subscription warns of, besides telling it: failures that come in rows, each row in a few words. */
export class StreamWarnings {
  private wasLive = false;

  constructor(
    private readonly topic: string,
    private readonly logger: Logger,
    private readonly tell: (make: () => StatusDetail) => void,
  ) {}

  /** A stream brought its first response. */
  live(): void {
    this.wasLive = true;
  }

  /** Something failed this often in a row, and is tried again after a pause. */
  waiting(attempt: number, delayMs: number, cause: RxforceError | undefined): void {
    this.tell(() => ({ type: 'waiting', attempt, delayMs, cause }));
    // Whoever has just begun is told at once; a stream that was live breaks now and then, and comes back.
    this.warnOfFailure(this.wasLive ? WARN_AT : 1, attempt, delayMs, cause?.message ?? 'The server ended the stream.');
  }

  /** A position could not be saved, this often in a row. */
  commitFailed(attempt: number, delayMs: number, cause: RxforceError): void {
    this.warnOfFailure(1, attempt, delayMs, cause.message);
  }

  /** The service does not know the position `from`, and the stream starts from the preset `policy`. */
  reset(from: ReplayId | undefined, policy: 'earliest' | 'latest', error: RxforceError): void {
    this.tell(() => ({ type: 'replayReset', from, policy }));
    this.logger.warn(`${error.message} As onInvalid says, it goes on from '${policy}'.`);
  }

  /**
   * The stream of a managed subscription began behind events that were received and not committed: the service has lost its
   * position, or another client has moved it.
   */
  jumped(from: ReplayId | undefined): void {
    this.tell(() => ({ type: 'replayReset', from, policy: 'committed' }));
    this.logger.warn(
      `${this.topic}: the service did not go on where this managed subscription stood. Nothing was committed yet, the committed ` +
        'position was not valid any more, or another client has read on meanwhile. Events may be missing: read the records ' +
        "again, and set defaultReplay and errorRecoveryReplay of the record to EARLIEST, where they are 'LATEST'.",
    );
  }

  private warnOfFailure(firstAt: number, attempt: number, delayMs: number, reason: string): void {
    if (attempt !== firstAt && attempt % WARN_EVERY !== 0) return;
    const seconds = (delayMs / 1000).toFixed(1);
    this.logger.warn(`${this.topic}: attempt ${attempt} failed, the next is in ${seconds} s. ${reason}`);
  }
}
