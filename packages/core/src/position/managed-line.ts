import { finalize, map, merge, NEVER, Observable, of, Subject, Subscription } from 'rxjs';
import { RxforceError, StreamEndedError, CommitRefusedError } from '../model/errors.js';
import { plainText } from '../model/plain-text.js';
import { isRefusal } from '../model/refusal.js';
import type { ReplayId } from '../model/replay-id.js';
import { Err, Ok, type Result } from '../model/result.js';
import type { ManagedName, ManagedRequest, ManagedTransport } from '../ports/transport.js';
import type { WireCommitResponse, FetchResponse, ManagedFetchResponse } from '../ports/wire.js';

/** A commit that the service has not answered. */
interface PendingCommit {
  readonly id: string;
  readonly replayId: ReplayId;
  readonly answer: (result: Result<void, RxforceError>) => void;
}

/**
 * The streams of one managed subscription, one at a time, and the commits that share them with the requests. A commit
 * without an answer at the end of its stream is sent again on the next stream.
 */
export class ManagedLine {
  /** Takes commits once the stream's first request has named the subscription. That request carries no commit. */
  private commits: Subject<ManagedRequest> | undefined;
  private pending: PendingCommit | undefined;
  private count = 0;
  private onEnd: (() => void) | undefined;
  /** Whether the subscription is over, and with it the streams that bring events. */
  private closing = false;
  /** A stream for commits alone. */
  private own = Subscription.EMPTY;

  constructor(
    private readonly transport: ManagedTransport,
    private readonly name: ManagedName,
  ) {}

  /** Whether there is a stream for commits. */
  get isOpen(): boolean {
    return this.commits !== undefined;
  }

  /** Whether a commit will be sent, on the open stream or on one that is opened for it. */
  get takesCommits(): boolean {
    return this.isOpen || this.closing;
  }

  /**
   * Opens a stream, as `ManagedTransport.managedSubscribe`. `undefined` is the answer to a commit, and nothing else.
   */
  connect(
    requests: Observable<number>,
    silence: Observable<unknown>,
    connected?: () => void,
  ): Observable<FetchResponse | undefined> {
    return new Observable((subscriber) => {
      const commits = new Subject<ManagedRequest>();
      return this.transport
        .managedSubscribe(this.name, this.requests(requests, commits), silence, connected)
        .pipe(
          map((response) => this.received(response)),
          finalize(() => this.ended(commits)),
        )
        .subscribe(subscriber);
    });
  }

  /** Makes a position durable, and emits one result. */
  save(replayId: ReplayId): Observable<Result<void, RxforceError>> {
    return new Observable((subscriber) => {
      const pending: PendingCommit = {
        id: String(++this.count),
        replayId,
        answer: (result) => {
          subscriber.next(result);
          subscriber.complete();
        },
      };
      this.pending = pending;
      this.send();
      return () => {
        if (this.pending === pending) this.pending = undefined;
      };
    });
  }

  /**
   * The subscription is over. From here on a commit opens a stream where there is none, and fails where that stream
   * ends without an answer.
   */
  close(): void {
    this.closing = true;
    this.send();
  }

  /**
   * Ends our half of the stream, and calls back once the service has ended its own half. Then the next client need not
   * wait.
   */
  end(done: () => void): void {
    const { commits } = this;
    this.commits = undefined;
    if (commits === undefined) {
      this.own.unsubscribe();
      done();
    } else {
      this.onEnd = done;
      commits.complete();
    }
  }

  private requests(requests: Observable<number>, commits: Subject<ManagedRequest>): Observable<ManagedRequest> {
    return new Observable((requester) => {
      let named = false;
      requester.add(commits.subscribe(requester));
      requester.add(
        requests.subscribe({
          next: (numRequested) => {
            requester.next({ numRequested });
            if (!named) this.open(commits);
            named = true;
          },
          // When no more events are asked for, the stream stays open for commits.
          complete: () => !named && requester.complete(),
        }),
      );
    });
  }

  private open(commits: Subject<ManagedRequest>): void {
    this.commits = commits;
    this.send();
  }

  private send(): void {
    if (!this.pending) return;
    if (this.commits) this.commits.next({ numRequested: 0, commit: this.pending });
    else if (this.closing) this.openForCommits();
  }

  /** The service takes no first request without events. The event that it may send comes again to the next client. */
  private openForCommits(): void {
    if (!this.own.closed) return;
    this.own = this.connect(merge(of(1), NEVER), NEVER).subscribe({
      error: (error: unknown) => this.failed(RxforceError.from(error)),
    });
  }

  private failed(error: RxforceError): void {
    // A refused session is renewed. The end of the subscription decides how long that is tried.
    this.pending?.answer(Err(isRefusal(error) ? streamEnded(this.name, error) : error));
  }

  private received(response: ManagedFetchResponse): FetchResponse | undefined {
    const { commitResponse, events } = response;
    if (!commitResponse) return response;
    this.answered(commitResponse);
    return events.length > 0 ? response : undefined;
  }

  /** Only one commit at a time waits for its answer, so an answer to another commit is from an earlier stream. */
  private answered({ commitRequestId, error }: WireCommitResponse): void {
    if (this.pending?.id !== commitRequestId) return;
    const { answer, replayId } = this.pending;
    answer(error ? Err(commitRefused(this.name, replayId, plainText(error.msg))) : Ok(undefined));
  }

  private ended(commits: Subject<ManagedRequest>): void {
    if (this.commits === commits) this.commits = undefined;
    if (this.closing) this.pending?.answer(Err(streamEnded(this.name)));
    const { onEnd } = this;
    this.onEnd = undefined;
    onEnd?.();
  }
}

/** The name of a managed subscription in messages. */
export function textOf(name: ManagedName): string {
  return 'subscriptionId' in name ? name.subscriptionId : name.developerName;
}

function commitRefused(name: ManagedName, replayId: ReplayId, reason: string): CommitRefusedError {
  return new CommitRefusedError(
    `The managed subscription ${textOf(name)} did not take the position ${replayId.toString()}: ${reason} It, or a later one, ` +
      'is committed again after a pause.',
    { retriable: true, replayId: replayId.toString() },
  );
}

function streamEnded(name: ManagedName, cause?: RxforceError): RxforceError {
  return new StreamEndedError(
    `The stream of the managed subscription ${textOf(name)} ended before the last commit was answered. It is sent again; what ` +
      'it covers comes to the next client, unless an answer comes in time.',
    { retriable: true, cause },
  );
}

/** The error of a commit that is not answered. */
export function silentCommit(name: ManagedName, seconds: number): RxforceError {
  return new CommitRefusedError(
    `The managed subscription ${textOf(name)} has not answered a commit for ${seconds} s. It is waited for, and sent again ` +
      'where the stream breaks; until then no more than a window of events comes.',
    { retriable: true },
  );
}
