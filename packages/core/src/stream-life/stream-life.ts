import { interval, Observable, Subject, Subscription, type SchedulerLike, type Subscriber } from 'rxjs';
import { ConnectionError, RxforceError, type RxforceErrorDetails } from '../model/errors.js';
import type { FetchResponse } from '../ports/wire.js';
import { monotonicNow } from '../model/monotonic.js';
import type { Demand } from './demand.js';
import { SILENCE_MS } from './tell-silence.js';
import { PARKED, lifeStep, type LifeEffect, type LifeInput, type LifePolicy } from './life-step.js';

/** The parts of a life. */
export interface LifeContext {
  readonly scheduler: SchedulerLike;
  /** Chance, from 0 to 1, for the jitter. */
  readonly random: () => number;
}

/** The rules of a life. */
export interface LifeSettings extends LifePolicy {
  /** How long the server may be silent while events are outstanding, in milliseconds. */
  readonly silenceTimeoutMs: number;
}

/** The demand of a life. */
export type LifeDemand = Pick<Demand, 'free' | 'outstanding' | 'take' | 'streamEnded'>;

/** What a life asks of its subscription, and reports to it. */
export interface LifeListener {
  /**
   * Opens the next stream at its start, as `Transport.subscribe`. `undefined` is a sign of life without the content
   * that was asked for.
   */
  connect(
    requests: Observable<number>,
    silence: Observable<unknown>,
    connected: () => void,
  ): Observable<FetchResponse | undefined>;
  /** So many more events are asked for. */
  requested(count: number): void;
  /** A response came. `first`: it is the first of its stream. */
  received(response: FetchResponse, first: boolean): void;
  /** A stream is being opened, after this many failures. */
  connecting(failures: number): void;
  /** The stream is not open yet, because the login has not answered for `times` times `SILENCE_MS`. */
  opening(times: number): void;
  /** Streams failed this often in a row. Another one is opened after a pause. */
  waiting(attempt: number, delayMs: number, cause: RxforceError | undefined): void;
  /** There is no stream, and none is wanted. */
  parked(): void;
  /** The service does not know the position. The next stream starts from this preset. */
  reset(policy: 'earliest' | 'latest', error: RxforceError): void;
  /** There will be no more streams. */
  failed(error: RxforceError): void;
}

/** How soon after its first response an end shows nothing in favour of the stream's session, in milliseconds. */
const EARLY_MS = 60_000;

/**
 * How long a stream must be open to count as accepted, in milliseconds. A service refuses at once, and on a quiet topic
 * the first response can take minutes.
 */
const TAKEN_MS = 10_000;

/**
 * A connection that once worked will work again: a certificate is being replaced, or a proxy answers for the service.
 */
function mayPass(error: RxforceError | undefined): RxforceError | undefined {
  if (error?.code !== 'connection' || error.retriable) return error;
  return new ConnectionError(error.message, { ...(error as RxforceErrorDetails), cause: error.cause, retriable: true });
}

/**
 * The streams of one subscription, one at a time. It opens a stream where there is demand, and another one when it
 * breaks. It carries out the decisions of `lifeStep`.
 */
export class StreamLife {
  private state = PARKED;
  private readonly inputs: LifeInput[] = [];
  private stepping = false;
  private stopped = false;
  private stream = Subscription.EMPTY;
  private pause = Subscription.EMPTY;
  private watchdog = Subscription.EMPTY;
  /** Runs while a stream waits for the login. */
  private login = Subscription.EMPTY;
  private silence = new Subject<void>();
  private requester: Subscriber<number> | undefined;
  private requesting = false;
  /** Whether the stream has brought a response. */
  private heard = false;
  /** When the server last sent anything, or when it was first asked for events. */
  private heardAt = 0;
  /** When the server last sent anything. */
  private respondedAt: number | undefined;
  /** When the stream became live. */
  private liveAt = 0;
  /** Whether any stream has brought a response. */
  private everHeard = false;
  /** Whether any stream was accepted: it has brought a response, or was open for a while. */
  private everTaken = false;
  /** When the stream had a connection. It is open from then on. */
  private openedAt = Infinity;

  constructor(
    private readonly context: LifeContext,
    private readonly settings: LifeSettings,
    private readonly demand: LifeDemand,
    private readonly listener: LifeListener,
  ) {}

  /** Whether responses come. */
  get isLive(): boolean {
    return this.state.type === 'live';
  }

  /** How long ago the server last sent anything, in milliseconds. `undefined` before that. */
  get responseAgeMs(): number | undefined {
    return this.respondedAt === undefined ? undefined : monotonicNow(this.context.scheduler) - this.respondedAt;
  }

  /** Asks for as many events as there is room for. Opens a stream where there is none. */
  request(): void {
    if (this.requester) this.ask(this.requester);
    else if (this.state.type === 'parked' && this.demand.free > 0) this.step({ type: 'wanted' });
  }

  /** Asks for nothing more. */
  drain(): void {
    this.step({ type: 'drain' });
  }

  /** Ends the stream, if there is one. */
  stop(): void {
    this.stopped = true;
    this.step({ type: 'close' });
  }

  /** Treats the stream as broken, for this reason. */
  breakOff(error: RxforceError): void {
    if (this.stream !== Subscription.EMPTY) this.ended(this.stream, error);
  }

  private ask(requester: Subscriber<number>): void {
    if (this.requesting || this.state.type === 'draining') return;
    this.requesting = true;
    const wasOutstanding = this.demand.outstanding > 0;
    const count = this.demand.take();
    if (count > 0) {
      this.listener.requested(count);
      if (!wasOutstanding) this.heardAt = monotonicNow(this.context.scheduler);
      requester.next(count);
    }
    this.requesting = false;
  }

  /** Takes one input at a time, in order. Inputs that an effect causes come after the other effects of its step. */
  private step(input: LifeInput): void {
    this.inputs.push(input);
    if (this.stepping) return;
    this.stepping = true;
    try {
      for (let next = this.inputs.shift(); next !== undefined; next = this.inputs.shift()) {
        const { state, effects } = lifeStep(this.state, next, this.settings);
        this.state = state;
        effects.forEach((effect) => this.carryOut(effect));
      }
    } finally {
      this.stepping = false;
    }
  }

  private carryOut(effect: LifeEffect): void {
    // The listener of an earlier effect may have ended it. Only the cleanup is left to do.
    if (this.stopped && effect.type !== 'cancel' && effect.type !== 'cancelPause') return;
    switch (effect.type) {
      case 'open':
        this.listener.connecting(effect.failures);
        // The listener may have ended it.
        if (!this.stopped) this.open();
        return;
      case 'cancel':
        this.hangUp();
        return;
      case 'halfClose':
        this.requester?.complete();
        return;
      case 'pause':
        this.listener.waiting(effect.attempt, effect.delayMs, effect.cause);
        this.pause = this.context.scheduler.schedule(
          () => this.step({ type: 'pauseOver', wanted: this.demand.free > 0 }),
          effect.delayMs,
        );
        return;
      case 'cancelPause':
        this.pause.unsubscribe();
        return;
      case 'park':
        this.listener.parked();
        // There may be room again since the stream ended, and the request at that time found neither a stream nor a
        // parked life.
        this.request();
        return;
      case 'reset':
        this.listener.reset(effect.policy, effect.error);
        return;
      case 'fail':
        this.listener.failed(effect.error);
        return;
      default:
        effect satisfies never;
    }
  }

  private open(): void {
    const silence = new Subject<void>();
    this.silence = silence;
    this.heard = false;
    this.openedAt = Infinity;
    this.watch(this.settings.silenceTimeoutMs);
    const stream = new Subscription();
    this.stream = stream;
    // Until the transport asks for demand.
    this.login = interval(SILENCE_MS, this.context.scheduler).subscribe((index) => this.listener.opening(index + 1));
    stream.add(this.login);
    const connected = () => {
      if (stream === this.stream) this.openedAt = monotonicNow(this.context.scheduler);
    };
    stream.add(
      this.listener.connect(this.requests(stream), silence, connected).subscribe({
        next: (response) => this.received(response),
        error: (error: unknown) => this.ended(stream, RxforceError.from(error)),
        complete: () => this.ended(stream, undefined),
      }),
    );
  }

  private requests(stream: Subscription): Observable<number> {
    return new Observable((requester) => {
      // Events asked for on a stream that is gone would stay outstanding.
      if (this.stopped || this.state.type === 'draining' || stream !== this.stream) {
        requester.complete();
        return;
      }
      this.login.unsubscribe();
      this.requester = requester;
      this.ask(requester);
      return () => {
        if (this.requester === requester) this.requester = undefined;
      };
    });
  }

  private received(response: FetchResponse | undefined): void {
    this.heardAt = monotonicNow(this.context.scheduler);
    this.respondedAt = this.heardAt;
    if (response === undefined || this.state.type === 'draining' || this.state.type === 'closed') return;
    const first = !this.heard;
    this.heard = true;
    this.everHeard = true;
    if (first) {
      this.liveAt = this.heardAt;
      this.step({ type: 'response' });
    }
    this.listener.received(response, first);
  }

  private ended(stream: Subscription, error: RxforceError | undefined): void {
    if (stream !== this.stream) return;
    this.hangUp();
    this.demand.streamEnded();
    const now = monotonicNow(this.context.scheduler);
    this.everTaken = this.hasWorked;
    this.openedAt = Infinity;
    this.step({
      type: 'ended',
      error: this.everHeard ? mayPass(error) : error,
      early: now - this.liveAt < EARLY_MS,
      hasWorked: this.everTaken,
      wanted: this.demand.free > 0,
      random: this.context.random(),
    });
  }

  /** Whether a stream was ever accepted: it has brought a response, or has been open for a while. */
  get hasWorked(): boolean {
    return this.everTaken || this.everHeard || monotonicNow(this.context.scheduler) - this.openedAt >= TAKEN_MS;
  }

  private hangUp(): void {
    this.watchdog.unsubscribe();
    this.stream.unsubscribe();
    this.stream = Subscription.EMPTY;
    this.requester = undefined;
  }

  /**
   * The server sends something within 270 s while events are outstanding, if only a keepalive; with nothing outstanding
   * it may be silent. It reads the clock now and then, instead of setting a timer at each response.
   */
  private watch(delayMs: number): void {
    const { scheduler } = this.context;
    const { silenceTimeoutMs } = this.settings;
    this.watchdog = scheduler.schedule(() => {
      // The user's own clock may have been set back.
      this.heardAt = Math.min(this.heardAt, monotonicNow(scheduler));
      const quietMs = this.demand.outstanding > 0 ? monotonicNow(scheduler) - this.heardAt : 0;
      if (quietMs >= silenceTimeoutMs) this.silence.next();
      else this.watch(silenceTimeoutMs - quietMs);
    }, delayMs);
  }
}
