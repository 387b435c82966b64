import { expect } from 'chai';
import { NEVER, Observable, of, Subject, timer, type Subscriber } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { AuthenticationError, ConnectionError, TopicUnavailableError, ReplayIdInvalidError } from '../model/errors.js';
import type { StreamStart } from '../ports/transport.js';
import type { FetchResponse } from '../ports/wire.js';
import { runMarbles } from '../testing/run-marbles.js';
import { StreamLife, type LifeDemand, type LifeListener, type LifeSettings } from './stream-life.js';

const broken = new ConnectionError('broken');
const invalid = new ReplayIdInvalidError('unknown');
const fatal = new TopicUnavailableError('no such topic');
const TOPIC = '/data/ThingChangeEvent';

const response = (pendingNumRequested = 0): FetchResponse => ({
  events: [],
  latestReplayId: Buffer.alloc(0),
  rpcId: 'rpc',
  pendingNumRequested,
});

/** One stream that was opened. */
class Stream {
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
type Told = keyof LifeListener | 'streamEnded';

/** A life, the transport below it, and the subscription above it, with room for `room` events. */
class Bench implements LifeDemand {
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

const REFUSED = new AuthenticationError('refused', { grpcStatus: 16 });

/** Runs a test in virtual time. */
function atBench(
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

describe('StreamLife', () => {
  it('tells each 30 seconds that a stream is not open yet, until the transport asks for demand', () => {
    atBench(
      (bench, at) => {
        bench.opened = timer(70_000, bench.scheduler);
        bench.life.request();
        at(69_000, () => expect(bench.told).to.deep.equal(['connecting 0', 'opening 1', 'opening 2']));
        at(200_000, () => expect(bench.told).to.deep.equal(['connecting 0', 'opening 1', 'opening 2', 'requested 10']));
      },
      { silenceTimeoutMs: 300_000 },
      250_000,
    );
  });

  for (const [connects, seconds] of [
    [true, 100],
    [false, 30],
  ] as const) {
    it(`${connects ? 'bears' : 'does not bear'} refusals for long, when its first stream was open for 10 s ${connects ? 'with' : 'without'} a connection`, () => {
      atBench(
        (bench, at) => {
          bench.connects = connects;
          bench.on.streamEnded = () => (bench.room = 10);
          bench.onOpen = ({ server }) => {
            const isFirst = bench.streams.length === 1;
            bench.scheduler.schedule(() => server.error(REFUSED), isFirst ? 12_000 : 0);
          };
          bench.life.request();
          at(seconds * 1_000, () => expect(bench.told.includes('failed authentication')).to.equal(!connects));
        },
        { silenceTimeoutMs: 300_000 },
        110_000,
      );
    });
  }

  it('tells nothing of that any more, when it is stopped', () => {
    atBench(
      (bench, at) => {
        bench.opened = NEVER;
        bench.life.request();
        at(1, () => bench.life.stop());
        at(50_000, () => expect([bench.told, bench.timers]).to.deep.equal([['connecting 0'], 0]));
      },
      {},
      60_000,
    );
  });

  describe('request', () => {
    it('opens a stream where the subscription is, and asks for what there is room for', () => {
      atBench(({ life, streams, told }) => {
        life.request();
        expect(streams.map(({ start, requests }) => [start, requests])).to.deep.equal([
          [{ topic: TOPIC, from: 'earliest' }, [10]],
        ]);
        expect(told).to.deep.equal(['connecting 0', 'requested 10']);
      });
    });

    it('opens none, when there is no room', () => {
      atBench((bench) => {
        bench.room = 0;
        bench.life.request();
        expect([bench.streams, bench.told]).to.deep.equal([[], []]);
      });
    });

    it('asks the stream there is for more', () => {
      atBench((bench) => {
        bench.life.request();
        bench.room = 3;
        bench.life.request();
        bench.life.request();
        expect(bench.stream.requests).to.deep.equal([10, 3]);
        expect(bench.streams).to.have.length(1);
      });
    });

    it('asks once, when it is called again inside the request', () => {
      atBench((bench) => {
        let more = 2;
        bench.onRequest = () => {
          if (more-- > 0) bench.room = 1;
          bench.life.request();
        };
        bench.life.request();
        expect(bench.stream.requests).to.deep.equal([10]);
        bench.life.request();
        expect(bench.stream.requests).to.deep.equal([10, 1]);
      });
    });

    it('asks for what there is room for once the stream is open, when that takes a while', () => {
      atBench((bench) => {
        const opened = new Subject<void>();
        bench.opened = opened;
        bench.life.request();
        bench.room = 4;
        bench.life.request();
        expect(bench.streams).to.have.length(1);
        opened.next();
        expect(bench.stream.requests).to.deep.equal([4]);
      });
    });

    it('waits for the end of a pause', () => {
      atBench((bench, at) => {
        bench.life.request();
        bench.room = 1;
        bench.stream.server.error(broken);
        bench.life.request();
        at(499, () => expect(bench.streams).to.have.length(1));
        at(501, () => expect(bench.streams).to.have.length(2));
      });
    });

    it('does nothing, when it is over', () => {
      atBench((bench) => {
        bench.life.stop();
        bench.life.request();
        expect(bench.streams).to.have.length(0);
      });
    });
  });

  describe('a stream', () => {
    it('is told as first once, with its first response', () => {
      atBench(({ life, told, ...bench }) => {
        life.request();
        const [stream] = bench.streams;
        stream!.server.next(response());
        stream!.server.next(response());
        expect(told).to.deep.equal(['connecting 0', 'requested 10', 'received first', 'received']);
      });
    });

    it('is told as first once, when responses come inside the request, and asked for more by them', () => {
      atBench((bench) => {
        bench.onRequest = ({ server, requests }) => {
          if (requests.length > 1) return;
          server.next(response(5));
          server.next(response(2));
        };
        bench.life.request();
        expect(bench.told).to.deep.equal(['connecting 0', 'requested 10', 'received first', 'received']);
        bench.room = 1;
        bench.stream.server.error(broken);
        expect(bench.told.at(-1)).to.equal('waiting 1 500 broken');
      });
    });

    it('is followed by another after a pause, from where the subscription is then', () => {
      atBench((bench, at) => {
        bench.life.request();
        bench.stream.server.next(response());
        bench.room = 2;
        bench.stream.server.complete();
        expect(bench.told.slice(3)).to.deep.equal(['streamEnded', 'waiting 1 500 undefined']);
        expect(bench.outstanding).to.equal(0);
        bench.from = 'latest';
        at(501, () => {
          expect(bench.stream.start.from).to.equal('latest');
          expect(bench.stream.requests).to.deep.equal([2]);
          expect(bench.told.slice(5)).to.deep.equal(['connecting 1', 'requested 2']);
        });
      });
    });

    it('counts as failed, when it errors as soon as it is opened', () => {
      atBench((bench, at) => {
        let failures = 2;
        bench.onOpen = ({ server }) => {
          if (failures-- > 0) server.error(broken);
        };
        bench.life.request();
        expect(bench.told).to.deep.equal(['connecting 0', 'streamEnded', 'waiting 1 500 broken']);
        at(5_000, () => {
          expect(bench.streams).to.have.length(3);
          expect(bench.stream.requests).to.deep.equal([10]);
          expect(bench.told.slice(3, 6)).to.deep.equal(['connecting 1', 'streamEnded', 'waiting 2 1000 broken']);
        });
      });
    });

    it('is unsubscribed from, when it errored inside the request', () => {
      atBench((bench) => {
        bench.onRequest = ({ server }) => server.error(fatal);
        bench.life.request();
        expect(bench.told).to.deep.equal(['connecting 0', 'requested 10', 'streamEnded', 'failed topic-unavailable']);
        expect(bench.stream.cancelled).to.equal(true);
        expect(bench.timers).to.equal(0);
      });
    });

    it('that throws when subscribed to is one that failed', () => {
      runMarbles(({ scheduler, flush }) => {
        const bench = new Bench(scheduler);
        bench.onOpen = () => {
          throw new Error('odd');
        };
        bench.life.request();
        expect(bench.told).to.deep.equal(['connecting 0', 'streamEnded', 'failed service']);
        flush();
      });
    });

    it('parks, when it ends without room, and is opened again with room', () => {
      atBench((bench) => {
        bench.life.request();
        bench.stream.server.next(response());
        bench.stream.server.complete();
        expect(bench.told.slice(3)).to.deep.equal(['streamEnded', 'parked']);
        expect(bench.timers).to.equal(0);
        bench.room = 1;
        bench.life.request();
        expect(bench.told.slice(5)).to.deep.equal(['connecting 0', 'requested 1']);
      });
    });

    it('is opened again, when there is room again by the time it parks', () => {
      for (const name of ['streamEnded', 'parked'] as const) {
        atBench((bench) => {
          bench.life.request();
          bench.stream.server.next(response());
          bench.on[name] = () => {
            bench.room = 1;
          };
          bench.stream.server.complete();
          if (name === 'parked') expect(bench.told).to.include('parked');
          expect(bench.streams.length + bench.timers).to.be.above(1);
        });
      }
    });

    it('is opened again, when it ended inside its request and there is room only later in it', () => {
      atBench((bench) => {
        bench.onRequest = ({ server, requests }) => {
          if (bench.streams.length > 1 || requests.length > 1) return;
          server.next(response());
          server.complete();
          // Too late for the question whether there is room, and too early for a parked session.
          bench.room = 1;
          bench.life.request();
        };
        bench.life.request();
        expect(bench.streams).to.have.length(2);
        expect(bench.stream.requests).to.deep.equal([1]);
      });
    });

    it('says nothing any more, when another has taken its place', () => {
      atBench((bench, at) => {
        bench.life.request();
        const [first] = bench.streams;
        bench.room = 1;
        first!.server.error(broken);
        at(501, () => {
          first!.server.next(response());
          first!.server.error(fatal);
          expect(bench.told.filter((text) => /received|failed/.test(text))).to.deep.equal([]);
          expect(bench.stream.cancelled).to.equal(false);
        });
      });
    });

    it('is opened from the preset, after the position was given up', () => {
      atBench(
        (bench) => {
          bench.on.reset = () => {
            bench.from = 'latest';
          };
          bench.on.streamEnded = () => {
            bench.room = 10;
          };
          bench.life.request();
          bench.stream.server.error(invalid);
          expect(bench.told.slice(2)).to.deep.equal(['streamEnded', 'reset latest', 'connecting 1', 'requested 10']);
          expect(bench.stream.start.from).to.equal('latest');
        },
        { onInvalid: 'latest' },
      );
    });
  });

  describe('silence', () => {
    it('ends a stream that says nothing right after it was opened', () => {
      atBench((bench, at) => {
        bench.life.request();
        at(999, () => expect(bench.stream.silences).to.equal(0));
        at(1_001, () => {
          expect(bench.streams[0]).to.include({ silences: 1, cancelled: true });
          expect(bench.told.slice(2)).to.deep.equal(['streamEnded', 'parked']);
        });
      });
    });

    it('ends a stream that stops to say anything, as long after its last word as it may be silent', () => {
      atBench((bench, at) => {
        bench.life.request();
        for (const frame of [300, 900, 1_700]) at(frame, () => bench.stream.server.next(response(5)));
        at(2_699, () => expect(bench.stream.silences).to.equal(0));
        at(2_701, () => expect(bench.streams[0]?.silences).to.equal(1));
      });
    });

    it('is allowed, while nothing is outstanding', () => {
      atBench((bench, at) => {
        bench.life.request();
        at(10, () => bench.stream.server.next(response(0)));
        at(15_000, () => {
          expect(bench.stream).to.include({ silences: 0, cancelled: false });
          bench.room = 1;
          bench.life.request();
        });
        at(15_999, () => expect(bench.stream.silences).to.equal(0));
        at(16_001, () => expect(bench.streams[0]?.silences).to.equal(1));
      });
    });

    it('counts from when events were first asked for, not from a request for more', () => {
      atBench((bench, at) => {
        bench.life.request();
        at(10, () => bench.stream.server.next(response(0)));
        at(500, () => {
          bench.room = 1;
          bench.life.request();
        });
        at(1_400, () => {
          bench.room = 1;
          bench.life.request();
        });
        at(1_499, () => expect(bench.stream.silences).to.equal(0));
        at(1_501, () => expect(bench.streams[0]?.silences).to.equal(1));
      });
    });

    it('is not counted, while the stream is still being opened', () => {
      atBench((bench, at) => {
        bench.opened = NEVER;
        bench.life.request();
        at(10_000, () => expect(bench.stream.silences).to.equal(0));
      });
    });

    it('is counted anew for each stream', () => {
      atBench((bench, at) => {
        bench.life.request();
        at(900, () => {
          bench.room = 10;
          bench.stream.server.error(broken);
        });
        // Opened at 1,400.
        at(2_399, () => expect(bench.stream).to.include({ silences: 0, cancelled: false }));
        at(2_401, () => expect(bench.streams[1]?.silences).to.equal(1));
      });
    });
  });

  describe('drain', () => {
    it('ends our half, takes nothing more, asks for nothing more, and is over with the stream', () => {
      atBench((bench) => {
        bench.life.request();
        bench.stream.server.next(response(3));
        bench.life.drain();
        expect(bench.stream).to.include({ halfClosed: true, cancelled: false });
        bench.room = 1;
        bench.life.request();
        bench.stream.server.next(response(2));
        expect(bench.told.slice(3)).to.deep.equal([]);
        expect(bench.stream.requests).to.deep.equal([10]);
        bench.stream.server.complete();
        bench.life.request();
        expect(bench.told.slice(3)).to.deep.equal(['streamEnded']);
        expect([bench.streams.length, bench.timers]).to.deep.equal([1, 0]);
      });
    });

    it('ends our half of a stream that is still being opened, once it is', () => {
      atBench((bench) => {
        const opened = new Subject<void>();
        bench.opened = opened;
        bench.life.request();
        bench.life.drain();
        opened.next();
        expect(bench.stream).to.deep.include({ requests: [], halfClosed: true });
        expect(bench.outstanding).to.equal(0);
      });
    });

    it('ends a pause', () => {
      atBench((bench, at) => {
        bench.life.request();
        bench.room = 1;
        bench.stream.server.error(broken);
        bench.life.drain();
        expect(bench.timers).to.equal(0);
        at(10_000, () => expect(bench.streams).to.have.length(1));
      });
    });

    it('may come inside whatever the listener is told', () => {
      for (const name of ['connecting', 'requested', 'received', 'waiting', 'parked', 'streamEnded'] as const) {
        atBench((bench, at) => {
          bench.on[name] = () => bench.life.drain();
          bench.life.request();
          at(1, () => {
            bench.stream.server.next(response(1));
            if (name === 'waiting') bench.room = 1;
            if (!bench.stream.cancelled && !bench.stream.halfClosed) bench.stream.server.error(broken);
          });
          at(10_000, () => {
            bench.life.stop();
            expect(bench.streams).to.have.length(1);
            expect(bench.stream.cancelled).to.equal(true);
            expect(bench.timers).to.equal(0);
          });
        });
      }
    });
  });

  describe('stop', () => {
    it('cancels the stream, and its timers', () => {
      atBench((bench) => {
        bench.life.request();
        expect(bench.timers).to.equal(1);
        bench.life.stop();
        expect(bench.stream.cancelled).to.equal(true);
        expect(bench.timers).to.equal(0);
        expect(bench.told).to.deep.equal(['connecting 0', 'requested 10']);
      });
    });

    it('ends a pause, and a drain', () => {
      atBench((bench) => {
        bench.life.request();
        bench.room = 1;
        bench.stream.server.error(broken);
        bench.life.stop();
        expect(bench.timers).to.equal(0);
      });
      atBench((bench) => {
        bench.life.request();
        bench.life.drain();
        bench.life.stop();
        expect(bench.stream.cancelled).to.equal(true);
        expect(bench.timers).to.equal(0);
      });
    });

    it('is the last thing that happens: no stream, no timer, no word after it, inside whatever the listener is told', () => {
      const names = [
        'connecting',
        'requested',
        'received',
        'streamEnded',
        'waiting',
        'parked',
        'reset',
        'failed',
      ] as const;
      for (const name of names) {
        atBench(
          (bench, at) => {
            bench.on[name] = () => {
              bench.life.stop();
              bench.told.push('stopped');
            };
            bench.life.request();
            at(1, () => {
              if (bench.told.includes('stopped')) return;
              bench.stream.server.next(response(1));
              if (name === 'waiting' || name === 'reset') bench.room = 1;
              bench.stream.server.error(name === 'reset' ? invalid : name === 'failed' ? fatal : broken);
            });
            at(10_000, () => {
              expect(bench.told.at(-1), name).to.equal('stopped');
              expect(bench.streams.length, name).to.equal(name === 'connecting' ? 0 : 1);
              expect(bench.streams.every(({ cancelled }) => cancelled)).to.equal(true);
              expect(bench.timers, name).to.equal(0);
            });
          },
          { onInvalid: 'earliest' },
        );
      }
    });
  });

  it('fails with an error of ours, when the transport errors with something else', () => {
    runMarbles(({ scheduler }) => {
      const bench = new Bench(scheduler);
      bench.onOpen = ({ server }) => server.error('odd');
      bench.life.request();
      expect(bench.told.at(-1)).to.equal('failed service');
    });
  });
});
