import { expect } from 'chai';
import { Observable, of, type Subscriber } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { ConnectionError, TopicUnavailableError, ReplayIdInvalidError } from '../../src/model/errors.js';
import type { StreamStart } from '../../src/ports/transport.js';
import type { FetchResponse } from '../../src/ports/wire.js';
import { runMarbles } from '../../src/testing/run-marbles.js';
import {
  StreamLife,
  type LifeDemand,
  type LifeListener,
  type LifeSettings,
} from '../../src/stream-life/stream-life.js';

/** The connection broke. */
export const broken = new ConnectionError('broken');

/** The position is not known. */
export const invalid = new ReplayIdInvalidError('unknown');

/** Trying again would not help. */
export const fatal = new TopicUnavailableError('no such topic');

/** The topic of the stream. */
export const TOPIC = '/data/ThingChangeEvent';

/** A response of the service. */
export const response = (pendingNumRequested = 0): FetchResponse => ({
  events: [],
  latestReplayId: Buffer.alloc(0),
  rpcId: 'rpc',
  pendingNumRequested,
});

/** One stream that was opened. */
export class Stream {
  readonly requests: number[] = [];
  halfClosed = false;
  cancelled = false;
  silences = 0;

  constructor(
    readonly start: StreamStart,
    readonly server: Subscriber<FetchResponse>,
  ) {}
}

/** What the subscription and its demand hear. */
export type Told = keyof LifeListener | 'streamEnded';

/** A life, the transport below it, and the subscription above it, with room for `room` events. */
export class Bench implements LifeDemand {
  readonly streams: Stream[] = [];
  /** What the listener was told. */
  readonly told: string[] = [];
  room = 10;
  outstanding = 0;
  from: StreamStart['from'] = 'earliest';
  /** Whether streams have a connection at once. */
  connects = true;
  /** When the transport asks for demand: at once, or when this emits. */
  opened: Observable<unknown> = of(0);
  /** What the listener does, by name, besides taking note. */
  readonly on: Partial<Record<Told, () => void>> = {};
  onOpen: (stream: Stream) => void = () => undefined;
  onRequest: (stream: Stream) => void = () => undefined;
  readonly life: StreamLife;

  constructor(
    readonly scheduler: TestScheduler,
    settings: Partial<LifeSettings> = {},
  ) {
    this.life = new StreamLife(
      { scheduler, random: () => 1 },
      { silenceTimeoutMs: 1_000, onInvalid: 'fail', maxAttempts: Infinity, ...settings },
      this,
      {
        connect: (demand, silence, connected) => {
          if (this.connects) connected();
          return this.open({ topic: TOPIC, from: this.from }, demand, silence);
        },
        requested: (count) => this.tell('requested', `requested ${count}`),
        received: ({ pendingNumRequested }, first) => {
          this.outstanding = pendingNumRequested;
          this.tell('received', first ? 'received first' : 'received');
        },
        connecting: (failures) => this.tell('connecting', `connecting ${failures}`),
        opening: (times) => this.tell('opening', `opening ${times}`),
        waiting: (attempt, delayMs, cause) => this.tell('waiting', `waiting ${attempt} ${delayMs} ${cause?.message}`),
        parked: () => this.tell('parked'),
        reset: (policy) => this.tell('reset', `reset ${policy}`),
        failed: (error) => this.tell('failed', `failed ${error.code}`),
      },
    );
  }

  get stream(): Stream {
    return this.streams.at(-1)!;
  }

  /** What is scheduled, whatever it does. */
  get timers(): number {
    return this.scheduler.actions.filter(({ closed }) => !closed).length;
  }

  private tell(name: Told, text: string = name): void {
    this.told.push(text);
    this.on[name]?.();
  }

  get free(): number {
    return this.room;
  }

  take(): number {
    const count = this.room;
    this.room = 0;
    this.outstanding += count;
    return count;
  }

  streamEnded(): void {
    this.outstanding = 0;
    this.tell('streamEnded');
  }

  private open(start: StreamStart, demand: Observable<number>, silence: Observable<unknown>) {
    return new Observable<FetchResponse>((server) => {
      const stream = new Stream(start, server);
      expect(
        this.streams.every(({ cancelled }) => cancelled),
        'one stream at a time',
      ).to.equal(true);
      this.streams.push(stream);
      server.add(() => (stream.cancelled = true));
      server.add(
        silence.subscribe(() => {
          stream.silences++;
          server.error(broken);
        }),
      );
      this.onOpen(stream);
      server.add(
        this.opened.subscribe(() =>
          server.add(
            demand.subscribe({
              next: (count) => {
                stream.requests.push(count);
                this.onRequest(stream);
              },
              complete: () => (stream.halfClosed = true),
            }),
          ),
        ),
      );
    });
  }
}

/** Runs a test in virtual time. */
export function atBench(
  test: (bench: Bench, at: (frame: number, action: () => void) => void) => void,
  settings: Partial<LifeSettings> = {},
  untilMs = 20_000,
): void {
  runMarbles(({ scheduler, flush }) => {
    scheduler.maxFrames = untilMs;
    test(new Bench(scheduler, settings), (frame, action) => void scheduler.schedule(action, frame));
    flush();
  });
}
