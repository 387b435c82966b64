import { expect } from 'chai';
import fc from 'fast-check';
import { map, NEVER, of, retry, throwError, timer, type Observable } from 'rxjs';
import { hold, type Hold } from '@rxforce/core/delivery';
import { FakeStore, nameOf } from '../../test/support/fake-store.js';
import {
  changeSchema,
  payloadOf,
  THING,
  THING_TIME,
  wireEvent,
  type FakeService,
} from '../../test/support/fake-service.js';
import { inVirtualTime, type VirtualThingStream } from '../../test/support/in-virtual-time.js';
import { steppedThingStream, SteppedTime, type SteppedThingStream } from '../../test/support/stepped-time.js';
import { ConnectionError, ThrottledError, ReplayIdInvalidError, AuthenticationError } from '../model/errors.js';
import type { WireSchemaInfo } from '../ports/wire.js';
import type { SubscribeOptions } from './options.js';

const broken = new ConnectionError('broken');
const refused = new AuthenticationError('expired', { grpcStatus: 16 });
const invalid = new ReplayIdInvalidError('The replay id is unknown.');

/** Where each stream started. */
const starts = ({ streams }: FakeService) => streams.map(({ start }) => nameOf(start.from));

const typesOf = ({ statuses }: VirtualThingStream) => statuses.map(({ type }) => type);

/** Subscribes and holds every event, until the test releases it. */
function subscribeHolding({ events$ }: VirtualThingStream): { names: string[]; holds: Map<string, Hold> } {
  const names: string[] = [];
  const holds = new Map<string, Hold>();
  events$.subscribe((event) => {
    names.push(event.id);
    holds.set(event.id, hold(event));
  });
  return { names, holds };
}

/** An event that happened at another time than the others. */
const timed = (name: string, time: number) => wireEvent(name, { payload: payloadOf(name, THING, time) });

describe('eventStream, when its streams break', () => {
  describe('goes on', () => {
    it('after the last event received, settled or not', () => {
      inVirtualTime({ replay: 'earliest' }, (stream) => {
        const { service, at } = stream;
        const { names } = subscribeHolding(stream);
        at(1, () => service.stream.send('a', 'b'));
        at(2, () => service.stream.fail(broken));
        at(600, () => {
          expect(starts(service)).to.deep.equal(['earliest', 'b']);
          service.stream.send('c');
          expect(names).to.deep.equal(['a', 'b', 'c']);
        });
      });
    });

    it('after the last event received, when the server ends the stream in peace', () => {
      inVirtualTime({ replay: 'earliest' }, ({ service, subscribe, at }) => {
        subscribe();
        at(1, () => service.stream.send('a'));
        at(2, () => service.stream.end());
        at(600, () => expect(starts(service)).to.deep.equal(['earliest', 'a']));
      });
    });

    it('from the same preset, when nothing was received', () => {
      inVirtualTime({ replay: 'earliest' }, (stream) => {
        stream.subscribe();
        stream.at(1, () => stream.service.stream.fail(broken));
        stream.at(600, () => {
          expect(starts(stream.service)).to.deep.equal(['earliest', 'earliest']);
          expect(typesOf(stream)).not.to.include('replayReset');
        });
      });
    });

    it('after a keepalive, when no event had come', () => {
      inVirtualTime({}, (stream) => {
        stream.subscribe();
        stream.at(1, () => stream.service.stream.keepalive('k'));
        stream.at(2, () => stream.service.stream.fail(broken));
        stream.at(600, () => {
          expect(starts(stream.service)).to.deep.equal(['latest', 'k']);
          expect(typesOf(stream)).not.to.include('replayReset');
        });
      });
    });

    it('after a keepalive, when all that came before it is settled', () => {
      inVirtualTime({}, ({ service, subscribe, at }) => {
        subscribe();
        at(1, () => service.stream.send('a'));
        at(2, () => service.stream.keepalive('k'));
        at(3, () => service.stream.fail(broken));
        at(600, () => expect(starts(service)).to.deep.equal(['latest', 'k']));
      });
    });

    it('after the last event, when a keepalive came while it was in flight', () => {
      inVirtualTime({}, (stream) => {
        subscribeHolding(stream);
        stream.at(1, () => stream.service.stream.send('a'));
        stream.at(2, () => stream.service.stream.keepalive('k'));
        stream.at(3, () => stream.service.stream.fail(broken));
        stream.at(600, () => expect(starts(stream.service)).to.deep.equal(['latest', 'a']));
      });
    });

    it('without a word from the keepalive, when that has no position', () => {
      inVirtualTime({ replay: 'earliest' }, (stream) => {
        stream.subscribe();
        stream.at(1, () => stream.service.stream.keepalive(''));
        stream.at(2, () => stream.service.stream.fail(broken));
        stream.at(600, () => {
          expect(starts(stream.service)).to.deep.equal(['earliest', 'earliest']);
          expect(typesOf(stream)).not.to.include('keepalive');
        });
      });
    });

    it("from 'latest' and says so each time, when no position is known", () => {
      inVirtualTime({}, (stream) => {
        stream.subscribe();
        for (const frame of [1, 1_000, 3_000]) stream.at(frame, () => stream.service.stream.fail(broken));
        stream.at(8_000, () => {
          expect(starts(stream.service)).to.deep.equal(['latest', 'latest', 'latest', 'latest']);
          const resets = stream.statuses.filter(({ type }) => type === 'replayReset');
          expect(resets).to.have.length(3);
          expect(resets[0]).to.deep.include({ from: undefined, policy: 'latest' });
        });
      });
    });

    it("from 'latest' and says so, also when the session was refused or the server parked it before any position", () => {
      for (const error of [refused, broken]) {
        inVirtualTime({ window: 1 }, (stream) => {
          const { holds } = subscribeHolding(stream);
          stream.at(1, () => stream.service.stream.send({ ...wireEvent('a'), replayId: Buffer.alloc(0) }));
          stream.at(2, () => stream.service.stream.fail(error));
          stream.at(5, () => {
            expect(typesOf(stream)).to.include('parked').and.not.to.include('replayReset');
            holds.get('a')?.release();
            expect(starts(stream.service)).to.deep.equal(['latest', 'latest']);
            expect(typesOf(stream)).to.include('replayReset');
          });
        });
      }
    });
  });

  describe('keeps what it received', () => {
    it('and hands it out once its schema is there, before what the next stream brings', () => {
      inVirtualTime({ replay: 'earliest' }, ({ service, subscribe, at }) => {
        const answer: Observable<WireSchemaInfo> = of({ schemaId: THING.id, schemaJson: THING.json, rpcId: '' });
        service.schemas = () => {
          const failed = service.schemaCalls.length < 3;
          return failed
            ? throwError(() => broken)
            : timer(100).pipe(
                map(() => 0),
                () => answer,
              );
        };
        const { names } = subscribe();
        at(1, () => service.stream.send('a', 'b'));
        at(2, () => service.stream.fail(broken));
        at(600, () => {
          expect(names).to.deep.equal([]);
          service.stream.send('c');
          expect(starts(service)).to.deep.equal(['earliest', 'b']);
        });
        at(5_000, () => expect(names).to.deep.equal(['a', 'b', 'c']));
      });
    });

    it('in the window: the next stream is asked for what is left of it', () => {
      inVirtualTime({ window: 5 }, (stream) => {
        const { holds } = subscribeHolding(stream);
        stream.at(1, () => stream.service.stream.send('a', 'b', 'c'));
        stream.at(2, () => stream.service.stream.fail(broken));
        stream.at(600, () => {
          expect(stream.service.stream.requests).to.deep.equal([2]);
          holds.get('a')?.release();
          holds.get('b')?.release();
          expect(stream.service.stream.requests).to.deep.equal([2, 2]);
        });
      });
    });

    it('while it waits: a release opens no stream before the pause is over', () => {
      inVirtualTime({ window: 2 }, (stream) => {
        const { holds } = subscribeHolding(stream);
        stream.at(1, () => stream.service.stream.send('a'));
        stream.at(2, () => stream.service.stream.fail(broken));
        stream.at(3, () => holds.get('a')?.release());
        stream.at(501, () => expect(stream.service.streams).to.have.length(1));
        stream.at(503, () => {
          expect(stream.service.streams).to.have.length(2);
          expect(stream.service.stream.requests).to.deep.equal([2]);
        });
      });
    });
  });

  describe('hands nothing out twice', () => {
    it('when the service sends events again, and gives their credits back', () => {
      inVirtualTime({ replay: 'earliest', window: 4, refillAt: 1 }, (stream) => {
        const { service, at } = stream;
        const { names, holds } = subscribeHolding(stream);
        at(1, () => service.stream.send('a', 'b'));
        at(2, () => service.stream.fail(broken));
        at(600, () => {
          expect(service.stream.requests).to.deep.equal([2]);
          service.stream.send('a', 'b');
          expect(names).to.deep.equal(['a', 'b']);
          expect(service.stream.requests).to.deep.equal([2, 2]);
          service.stream.send('b', 'c');
          expect(names).to.deep.equal(['a', 'b', 'c']);
          holds.forEach((held) => held.release());
          expect(service.stream.requests.slice(2).reduce((sum, count) => sum + count)).to.equal(4);
        });
      });
    });

    it('when the service sends events again within one stream', () => {
      inVirtualTime({ replay: 'earliest' }, ({ service, subscribe, at }) => {
        const { names } = subscribe();
        at(1, () => {
          service.stream.send('a', 'b');
          service.stream.send('a', 'b', 'c');
          expect(names).to.deep.equal(['a', 'b', 'c']);
        });
        at(2, () => service.stream.fail(broken));
        at(600, () => expect(starts(service)).to.deep.equal(['earliest', 'c']));
      });
    });

    it('and drops none that shares only its id, or only its replay id, with another', () => {
      inVirtualTime({ replay: 'earliest' }, ({ service, subscribe, at }) => {
        const { names } = subscribe();
        at(1, () => {
          service.stream.send('a', { ...wireEvent('a'), replayId: Buffer.from('b') });
          service.stream.send({ ...wireEvent('c'), replayId: Buffer.from('b') });
          expect(names).to.deep.equal(['a', 'a', 'c']);
        });
      });
    });
  });

  describe('parks', () => {
    for (const [how, end] of [
      ['ends the stream', undefined],
      ['breaks the stream', broken],
    ] as const) {
      it(`when the window is full and the server ${how}; goes on when an event is settled, and loses nothing`, () => {
        inVirtualTime({ replay: 'earliest', window: 2 }, (stream) => {
          const { service, at, warnings } = stream;
          const { names, holds } = subscribeHolding(stream);
          at(1, () => service.stream.send('a', 'b'));
          at(1_000, () => (end ? service.stream.fail(end) : service.stream.end()));
          at(2_000, () => {
            expect(service.streams).to.have.length(1);
            expect(typesOf(stream).slice(-1)).to.deep.equal(['parked']);
            holds.get('b')?.release();
            expect(starts(service)).to.deep.equal(['earliest', 'b']);
            expect(service.stream.requests).to.deep.equal([1]);
            expect(stream.statuses.find((each) => each.type === 'connecting' && nameOf(each.from) === 'b')).to.include({
              failures: 0,
            });
            service.stream.send('c');
            expect(names).to.deep.equal(['a', 'b', 'c']);
            expect(typesOf(stream)).not.to.include.members(['waiting']);
            expect(warnings).to.deep.equal([]);
          });
        });
      });
    }

    it('and goes on in the very status that tells it, when an event is settled there', () => {
      inVirtualTime({ replay: 'earliest', window: 1 }, (stream) => {
        const { holds } = subscribeHolding(stream);
        stream.onStatus(({ type }) => type === 'parked' && holds.get('a')?.release());
        stream.at(1, () => stream.service.stream.send('a'));
        stream.at(2, () => {
          stream.service.stream.end();
          expect(starts(stream.service)).to.deep.equal(['earliest', 'a']);
        });
      });
    });
  });

  describe('an unknown position', () => {
    const during = (onInvalid: NonNullable<SubscribeOptions['replay']>, test: (stream: VirtualThingStream) => void) =>
      inVirtualTime({ replay: onInvalid }, (stream) => {
        stream.at(1, () => stream.service.stream.send('a', 'b'));
        stream.at(2, () => stream.service.stream.fail(broken));
        stream.at(600, () => stream.service.stream.fail(invalid));
        test(stream);
      });

    it('fails, unless told otherwise', () => {
      during({ from: 'earliest' }, (stream) => {
        const { names, errors } = stream.subscribe();
        stream.at(1_000, () => {
          expect(names).to.deep.equal(['a', 'b']);
          expect(errors).to.deep.equal([invalid]);
          expect(starts(stream.service)).to.deep.equal(['earliest', 'b']);
          expect(typesOf(stream)).not.to.include('replayReset');
        });
      });
    });

    for (const onInvalid of ['earliest', 'latest'] as const) {
      it(`is given up for '${onInvalid}', at once, and that is told once with the old position`, () => {
        during({ from: 'earliest', onInvalid }, (stream) => {
          const { names, errors } = stream.subscribe();
          stream.at(601, () => {
            expect(starts(stream.service)).to.deep.equal(['earliest', 'b', onInvalid]);
            const resets = stream.statuses.filter((each) => each.type === 'replayReset');
            expect(resets.map(({ from, policy }) => [nameOf(from), policy])).to.deep.equal([['b', onInvalid]]);
            expect(stream.warnings).to.have.length(1);
            expect(stream.warnings[0]).to.include(invalid.message).and.include(`'${onInvalid}'`);
            // They come again on purpose: the position is not what it was.
            stream.service.stream.send('b', 'c');
            expect(names).to.deep.equal(['a', 'b', 'b', 'c']);
          });
          stream.at(602, () => stream.service.stream.fail(broken));
          stream.at(2_000, () => {
            expect(starts(stream.service).at(-1)).to.equal('c');
            expect(errors).to.deep.equal([]);
          });
        });
      });
    }

    it('fails all the same, when the preset is refused, too', () => {
      during({ from: 'earliest', onInvalid: 'earliest' }, (stream) => {
        const { errors } = stream.subscribe();
        stream.at(700, () => stream.service.stream.fail(invalid));
        stream.at(800, () => expect(errors).to.deep.equal([invalid]));
      });
    });

    it('is told again, when it is lost again later', () => {
      during({ from: 'earliest', onInvalid: 'earliest' }, (stream) => {
        stream.subscribe();
        stream.at(700, () => stream.service.stream.send('c'));
        stream.at(701, () => stream.service.stream.fail(invalid));
        stream.at(702, () => {
          expect(starts(stream.service)).to.deep.equal(['earliest', 'b', 'earliest', 'earliest']);
          expect(typesOf(stream).filter((type) => type === 'replayReset')).to.have.length(2);
        });
      });
    });

    it('counts for nothing later: an event from before it moves no position', () => {
      during({ from: 'earliest', onInvalid: 'earliest' }, (stream) => {
        const { holds } = subscribeHolding(stream);
        stream.at(700, () => {
          holds.get('a')?.release();
          holds.get('b')?.release();
          stream.service.stream.fail(broken);
        });
        stream.at(2_000, () => expect(starts(stream.service).at(-1)).to.equal('earliest'));
      });
    });

    it("is not forgotten by retry(): a subscription that went back to 'earliest' does not start at 'latest'", () => {
      inVirtualTime({ replay: { from: 'latest', onInvalid: 'earliest' }, maxAttempts: 1 }, (stream) => {
        stream.events$.pipe(retry({ delay: 1 })).subscribe();
        stream.at(1, () => stream.service.stream.send('a'));
        stream.at(2, () => stream.service.stream.fail(invalid));
        stream.at(3, () => stream.service.stream.fail(broken));
        stream.at(10, () => expect(starts(stream.service)).to.deep.equal(['latest', 'earliest', 'earliest']));
      });
    });
  });

  describe('tells', () => {
    it('what happens, in order', () => {
      inVirtualTime({ replay: 'earliest', window: 4, refillAt: 4 }, (stream) => {
        const { subscription } = stream.subscribe();
        stream.at(1, () => stream.service.stream.send('a', 'b'));
        stream.at(2, () => stream.service.stream.fail(broken));
        stream.at(600, () => stream.service.stream.fail(broken));
        stream.at(2_000, () => stream.service.stream.keepalive('k'));
        stream.at(2_001, () => subscription.unsubscribe());
        stream.at(2_002, () => {
          expect(typesOf(stream)).to.deep.equal([
            ...['connecting', 'connected', 'requested', 'live', 'received', 'waiting'],
            ...['connecting', 'connected', 'requested', 'waiting'],
            ...['connecting', 'connected', 'requested', 'live', 'keepalive', 'closed'],
          ]);
          const waits = stream.statuses.filter((each) => each.type === 'waiting');
          expect(waits.map(({ attempt, delayMs, cause }) => [attempt, delayMs, cause])).to.deep.equal([
            [1, 500, broken],
            [2, 1_000, broken],
          ]);
          const opened = stream.statuses.filter((each) => each.type === 'connecting');
          expect(opened.map(({ from, failures }) => [nameOf(from), failures])).to.deep.equal([
            ['earliest', 0],
            ['b', 1],
            ['b', 2],
          ]);
        });
      });
    });

    it('live once a stream, also when two responses come inside the first request', () => {
      inVirtualTime({ window: 4 }, (stream) => {
        stream.service.onRequest = (each) => {
          if (stream.service.streams.length > 1 || each.requests.length > 1) return;
          each.send('a');
          each.send('b');
        };
        const { names } = stream.subscribe();
        stream.at(5, () => {
          expect(names).to.deep.equal(['a', 'b']);
          expect(typesOf(stream).filter((type) => type === 'live')).to.have.length(1);
        });
      });
    });

    it('the logger at the first failure, when nothing has worked yet', () => {
      inVirtualTime({}, ({ service, subscribe, warnings, at }) => {
        subscribe();
        at(1, () => {
          service.stream.fail(broken);
          expect(warnings).to.deep.equal(['/data/ThingChangeEvent: attempt 1 failed, the next is in 0.5 s. broken']);
        });
        at(600, () => service.stream.end());
        at(601, () => expect(warnings).to.have.length(1));
      });
    });

    it('the logger at the fourth failure in a row and every twentieth, when it had worked', () => {
      inVirtualTime({}, ({ service, subscribe, warnings, onStatus, scheduler, at }) => {
        subscribe();
        at(1, () => service.stream.keepalive('k'));
        at(2, () => service.stream.fail(broken));
        onStatus(({ type }) => {
          if (type === 'connecting') scheduler.schedule(() => service.stream.fail(broken), 1);
        });
        at(99_999, () => expect(warnings).to.have.length(1));
      });
      inVirtualTime(
        {},
        ({ service, subscribe, warnings, onStatus, scheduler, at }) => {
          subscribe();
          at(1, () => service.stream.keepalive('k'));
          at(2, () => service.stream.end());
          onStatus(({ type }) => {
            if (type === 'connecting') scheduler.schedule(() => service.stream.end(), 1);
          });
          at(1_250_000, () => {
            expect(warnings.map((text) => /attempt \d+/.exec(text)?.[0])).to.deep.equal([
              'attempt 4',
              'attempt 20',
              'attempt 40',
            ]);
            expect(warnings[0]).to.include('The server ended the stream.');
          });
        },
        1_300_000,
      );
    });
  });

  describe('when its session is refused', () => {
    /** Has the service refuse each stream as soon as it is asked for something, until then. */
    const refuseUntil = ({ service, time }: SteppedThingStream, endsAt: number) => {
      service.onRequest = (each) =>
        time.schedule(() => {
          if (!each.cancelled && time.now() < endsAt) each.fail(refused);
          else if (!each.cancelled) each.keepalive('k');
        }, 5);
    };
    const failuresOf = ({ statuses }: SteppedThingStream) =>
      statuses.flatMap((status) => (status.type === 'waiting' ? [status.cause?.code] : []));

    it('opens another stream at once, the first time', () => {
      inVirtualTime({ replay: 'earliest' }, ({ service, subscribe, at }) => {
        subscribe();
        at(1, () => service.stream.send('a'));
        at(2, () => {
          service.stream.fail(refused);
          expect(starts(service)).to.deep.equal(['earliest', 'a']);
          service.stream.fail(refused);
          expect(service.streams).to.have.length(2);
        });
      });
    });

    for (const seconds of [1, 2, 10, 60]) {
      it(`goes on after ${seconds} s of it, told on status$, once it has worked`, async () => {
        const stream = steppedThingStream({ replay: 'earliest' });
        const { errors } = stream.subscribe();
        await stream.pass(10);
        stream.service.stream.send('a');
        await stream.pass(1);
        refuseUntil(stream, stream.time.now() + seconds * 1_000);
        stream.service.stream.fail(refused);
        await stream.pass(seconds * 1_000 + 31_000);
        expect(errors).to.deep.equal([]);
        expect(stream.statuses.at(-1)).to.include({ type: 'keepalive' });
        expect(new Set(failuresOf(stream))).to.deep.equal(new Set(['authentication']));
        expect(stream.warnings.length > 0).to.equal(seconds >= 10);
      });
    }

    it('goes on after a minute of it, once a stream was open for a while on which nothing happened', async () => {
      const stream = steppedThingStream({ replay: 'latest' });
      const { errors } = stream.subscribe();
      await stream.pass(15_000);
      refuseUntil(stream, stream.time.now() + 60_000);
      stream.service.stream.fail(refused);
      await stream.pass(91_000);
      expect(errors).to.deep.equal([]);
      expect(stream.statuses.at(-1)).to.include({ type: 'keepalive' });
    });

    it('fails after some minutes of it, and says that logins were good, once it has worked', async () => {
      const stream = steppedThingStream({ replay: 'earliest' });
      const { errors } = stream.subscribe();
      await stream.pass(10);
      stream.service.stream.send('a');
      await stream.pass(1);
      refuseUntil(stream, Infinity);
      stream.service.stream.fail(refused);
      await stream.pass(120_000);
      expect(errors).to.deep.equal([]);
      await stream.pass(400_000);
      expect(errors[0]).to.include({ code: 'authentication', cause: refused, grpcStatus: 16 });
      expect((errors[0] as Error).message).to.include('for minutes, although logins succeed');
    });

    it('fails within seconds, with a warning at once, when nothing has worked before', async () => {
      const stream = steppedThingStream({ replay: 'earliest' });
      refuseUntil(stream, Infinity);
      const { errors } = stream.subscribe();
      await stream.pass(1_100);
      expect(errors).to.deep.equal([]);
      expect(stream.warnings[0]).to.include('expired');
      await stream.pass(7_000);
      expect(errors[0]).to.include({ code: 'authentication', cause: refused });
    });

    it('goes on, when the service takes a second to know the first session', async () => {
      const stream = steppedThingStream({ replay: 'earliest' });
      refuseUntil(stream, 1_000);
      const { errors } = stream.subscribe();
      await stream.pass(8_000);
      expect(errors).to.deep.equal([]);
      expect(stream.statuses.at(-1)).to.include({ type: 'keepalive' });
    });

    it('is waited for, when only schemas are refused, also where another subscription has fetched them before', async () => {
      for (const hadSchema of [true, false]) {
        const stream = steppedThingStream({ replay: 'earliest' });
        const { errors, names } = stream.subscribe();
        await stream.pass(10);
        if (hadSchema) stream.service.stream.send('a');
        await stream.pass(10);
        stream.service.schemas = () => throwError(() => refused);
        stream.service.stream.send(wireEvent('b', { schema: changeSchema('More') }));
        await stream.pass(30_000);
        expect(errors).to.deep.equal([]);
        stream.service.schemas = (schemaId) => of({ schemaId, schemaJson: changeSchema('More').json, rpcId: '' });
        await stream.pass(31_000);
        expect(names).to.deep.equal(hadSchema ? ['a', 'b'] : ['b']);
      }
    });
  });

  it('comes back before the last event of an enriched channel, and misses none that shares its replay id', async () => {
    const store = new FakeStore();
    const replay = { store, from: 'earliest', commitIntervalMs: 0 } as const;
    const stream = steppedThingStream({ replay }, new SteppedTime(), '/data/Things__chn');
    const { service } = stream;
    const { names } = stream.subscribe();
    const shared = (name: string) => ({ ...wireEvent(name), replayId: Buffer.from('x') });
    await stream.pass(1);
    service.stream.send('a', shared('x1'));
    await stream.pass(1_000);
    expect(store.saved).to.deep.equal(['a']);
    service.stream.fail(broken);
    await stream.pass(1_000);
    expect(starts(service)).to.deep.equal(['earliest', 'a']);
    service.stream.send(shared('x1'), shared('x2'), 'b');
    await stream.pass(1_000);
    expect(names).to.deep.equal(['a', 'x1', 'x2', 'b']);
    expect(store.saved).to.deep.equal(['a', 'x']);
    service.stream.keepalive('k');
    await stream.pass(1_000);
    expect(store.saved).to.deep.equal(['a', 'x', 'k']);
  });

  it('makes no login for each refusal, when sessions are refused soon after each response', async () => {
    const stream = steppedThingStream({ replay: 'earliest' });
    const { service, time } = stream;
    stream.subscribe();
    service.onRequest = (each) =>
      time.schedule(() => {
        if (each.cancelled) return;
        each.keepalive('k');
        each.fail(refused);
      }, 5);
    await stream.pass(60_000);
    expect(service.streams).to.have.length.within(3, 12);
  });

  it('goes on, when an outage looks like a wrong configuration, once it has worked', () => {
    const untrusted = new ConnectionError('No trusted TLS connection', { retriable: false });
    inVirtualTime({ replay: 'earliest' }, ({ service, subscribe, at }) => {
      const { errors } = subscribe();
      at(1, () => service.stream.send('a'));
      at(2, () => service.stream.fail(untrusted));
      at(1_000, () => {
        service.stream.fail(untrusted);
        expect(errors).to.deep.equal([]);
      });
      at(5_000, () => expect(starts(service)).to.deep.equal(['earliest', 'a', 'a']));
    });
  });

  it('fails, when it never worked and the configuration is wrong', () => {
    const untrusted = new ConnectionError('No trusted TLS connection', { retriable: false });
    inVirtualTime({ replay: 'earliest' }, ({ service, subscribe, at }) => {
      const { errors } = subscribe();
      at(1, () => service.stream.fail(untrusted));
      at(2, () => expect(errors).to.deep.equal([untrusted]));
    });
  });

  it('notices silence, when the clock was set back', async () => {
    const time = new SteppedTime();
    let offsetMs = 0;
    time.now = () => time.frame + offsetMs;
    const stream = steppedThingStream({ replay: 'earliest' }, time);
    stream.subscribe();
    await stream.pass(1);
    stream.service.stream.send('a');
    offsetMs = -3_600_000;
    await stream.pass(700_000);
    expect(stream.service.streams.length).to.be.above(1);
  });

  it('says that it is live again, when a schema that was waited for has come', async () => {
    const stream = steppedThingStream({ replay: 'earliest' });
    let calls = 0;
    stream.service.schemas = (schemaId) => (calls++ === 0 ? throwError(() => broken) : of(schemaInfo(schemaId)));
    stream.subscribe();
    await stream.pass(1);
    stream.service.stream.send('a');
    await stream.pass(5_000);
    const told = stream.statuses.map(({ type }) => type).filter((type) => type === 'live' || type === 'waiting');
    expect(told).to.deep.equal(['live', 'waiting', 'live']);
  });

  it('replaces a stream that is silent, and goes on', () => {
    inVirtualTime({ replay: 'earliest', silenceTimeoutMs: 1_000 }, (stream) => {
      const { names } = stream.subscribe();
      stream.at(1, () => stream.service.stream.send('a'));
      stream.at(999, () => stream.service.stream.keepalive('k'));
      stream.at(1_998, () => expect(stream.service.streams[0]?.cancelled).to.equal(false));
      stream.at(2_000, () => expect(stream.service.streams[0]?.cancelled).to.equal(true));
      stream.at(2_600, () => {
        expect(starts(stream.service)).to.deep.equal(['earliest', 'k']);
        stream.service.stream.send('b');
        expect(names).to.deep.equal(['a', 'b']);
      });
    });
  });

  describe('from a time', () => {
    const T = THING_TIME;
    const from = (offset: number): SubscribeOptions => ({ replay: new Date(T + offset) });

    it('passes over what happened before it, and hands out all from the first that did not', () => {
      inVirtualTime(from(0), ({ service, subscribe, at }) => {
        const { names } = subscribe();
        at(1, () => {
          expect(starts(service)).to.deep.equal(['earliest']);
          service.stream.send(
            timed('a', T - 2_000),
            timed('b', T - 1),
            timed('c', T),
            timed('d', T - 1),
            timed('e', T + 1),
          );
          expect(names).to.deep.equal(['c', 'd', 'e']);
        });
      });
    });

    it('decodes no more than the header of what it passes over', () => {
      inVirtualTime(from(0), ({ service, subscribe, statuses, at }) => {
        const { names, errors } = subscribe();
        at(1, () => {
          const payload = payloadOf('a', THING, T - 1);
          service.stream.send(wireEvent('a', { payload: payload.subarray(0, -3) }), timed('b', T));
          expect(names).to.deep.equal(['b']);
          expect(errors).to.deep.equal([]);
          expect(statuses.map(({ type }) => type)).not.to.include('undecodable');
        });
      });
    });

    it('gives the credits of what it passes over back', () => {
      inVirtualTime({ ...from(0), window: 2, refillAt: 1 }, ({ service, subscribe, at }) => {
        const { names } = subscribe();
        at(1, () => {
          for (let index = 0; index < 50; index++) service.stream.send(timed(`e${index}`, T - 1));
          service.stream.send(timed('last', T));
          expect(names).to.deep.equal(['last']);
        });
      });
    });

    it('goes on passing over, when the stream breaks', () => {
      inVirtualTime(from(0), ({ service, subscribe, at }) => {
        const { names } = subscribe();
        at(1, () => service.stream.send(timed('a', T - 2)));
        at(2, () => service.stream.fail(broken));
        at(600, () => {
          expect(starts(service)).to.deep.equal(['earliest', 'a']);
          service.stream.send(timed('b', T - 1), timed('c', T));
          expect(names).to.deep.equal(['c']);
        });
      });
    });

    it('goes back to that time, with retry, while nothing was handed out', () => {
      inVirtualTime({ ...from(0), maxAttempts: 1 }, ({ service, events$, at }) => {
        const names: string[] = [];
        events$.pipe(retry({ delay: 1 })).subscribe(({ id }) => names.push(id));
        at(1, () => service.stream.send(timed('a', T - 2)));
        at(2, () => service.stream.end());
        at(5, () => {
          expect(starts(service)).to.deep.equal(['earliest', 'earliest']);
          service.stream.send(timed('a', T - 2), timed('b', T));
          expect(names).to.deep.equal(['b']);
        });
        at(6, () => service.stream.end());
        at(10, () => expect(starts(service).at(-1)).to.equal('b'));
      });
    });

    it('puts aside an event whose header cannot be read, and goes on passing over', () => {
      const aside: string[] = [];
      const onUndecodable = ({ id }: { readonly id: string }) => void aside.push(id);
      inVirtualTime({ ...from(0), onUndecodable }, ({ service, subscribe, at }) => {
        const { names } = subscribe();
        at(1, () => {
          const unreadable = wireEvent('a', { payload: payloadOf('a').subarray(0, 5) });
          service.stream.send(unreadable, timed('b', T - 1), timed('c', T));
          expect([names, aside]).to.deep.equal([['c'], ['a']]);
        });
      });
    });
  });

  describe('the first event after the tip', () => {
    for (const store of [undefined, new FakeStore()]) {
      it(`is gone back to, when it cannot be read, ${store ? 'with' : 'without'} a store: to an hour before it came`, async () => {
        const time = new SteppedTime();
        time.now = () => 10_000_000 + time.frame;
        const stream = steppedThingStream(store ? { replay: { store } } : {}, time);
        const { service } = stream;
        const names: string[] = [];
        stream.events$.pipe(retry({ delay: () => timer(100, time) })).subscribe(({ id }) => names.push(id));
        await stream.pass(1);
        service.stream.send(wireEvent('bad', { payload: Buffer.from([255]) }), timed('good', THING_TIME));
        await stream.pass(200);
        expect(starts(service)).to.deep.equal(['latest', 'earliest']);
        if (store) expect(store.saved).to.deep.equal(['@6400001']);
        service.stream.send(timed('old', 6_400_000), timed('new', 6_400_001));
        await stream.pass(10);
        expect(names).to.deep.equal(['new']);
      });
    }

    it('is handed out only once its time is known, with what comes after it, in order', () => {
      inVirtualTime({}, ({ service, subscribe, at }) => {
        let answered = false;
        service.schemas = (schemaId) => {
          if (!answered) {
            return timer(10).pipe(
              map(() => ((answered = true), schemaId)),
              map(schemaInfo),
            );
          }
          return NEVER;
        };
        const { names } = subscribe();
        at(1, () => service.stream.send('a'));
        at(5, () => service.stream.send('b'));
        at(12, () => expect(names).to.deep.equal(['a', 'b']));
      });
    });

    it('sets the time once, also when it has no replay id', () => {
      inVirtualTime({ maxAttempts: 1 }, ({ service, events$, at }) => {
        const names: string[] = [];
        let failures = 1;
        const failing = events$.pipe(
          map(({ id }) => {
            if (failures-- > 0) throw new Error('once');
            names.push(id);
          }),
        );
        service.schemas = (schemaId) => timer(10).pipe(map(() => schemaInfo(schemaId)));
        failing.pipe(retry(1)).subscribe();
        at(1, () => service.stream.send({ ...timed('a', THING_TIME), replayId: Buffer.alloc(0) }));
        at(2, () => service.stream.send(timed('b', THING_TIME + 5_000)));
        at(20, () => {
          expect(starts(service)).to.deep.equal(['latest', 'earliest']);
          service.stream.send(timed('a', THING_TIME), timed('b', THING_TIME + 5_000));
          expect(names).to.deep.equal(['a', 'b']);
        });
      });
    });
  });

  describe('whatever happens to streams and handlers', () => {
    it('hands every event out once, in order, within the window, and settles it', function () {
      this.timeout(180_000);
      fc.assert(
        fc.property(chaos, ({ steps, window, refillAt, redelivers }) => {
          // Longer than any wait of 120 steps.
          inVirtualTime(
            { replay: 'earliest', window, refillAt: Math.min(refillAt, window), stuckAfterMs: 2_000_000_000 },
            (stream) => {
              new Chaos(stream, redelivers, window).run(steps);
            },
            10_000_000,
          );
        }),
        { numRuns: 300 },
      );
    });
  });
});

const schemaInfo = (schemaId: string): WireSchemaInfo => ({ schemaId, schemaJson: THING.json, rpcId: '' });

type ChaosStep = readonly [
  'send' | 'release' | 'keepalive' | 'end' | 'break' | 'refuse' | 'throttle' | 'wait' | 'silence',
  number,
];

const chaos = fc.record({
  window: fc.integer({ min: 1, max: 12 }),
  refillAt: fc.integer({ min: 1, max: 12 }),
  redelivers: fc.integer({ min: 0, max: 3 }),
  steps: fc.array(
    fc.tuple(
      fc.constantFrom<ChaosStep[0][]>(
        ...(['send', 'send', 'send', 'release', 'release', 'release', 'wait', 'wait'] as const),
        ...(['keepalive', 'end', 'break', 'refuse', 'throttle', 'silence'] as const),
      ),
      fc.nat({ max: 20 }),
    ),
    { maxLength: 120 },
  ),
});

/** A service that keeps a log of events and gives it from wherever a stream starts, and handlers that take their time. */
class Chaos {
  private readonly names: string[] = [];
  private readonly held: Hold[] = [];
  /** Of each stream: the index of the event that comes next. */
  private readonly cursors = new WeakMap<object, number>();
  private keepalives = 0;
  private made = 0;
  private refusals = 0;

  constructor(
    private readonly stream: VirtualThingStream,
    private readonly redelivers: number,
    private readonly window: number,
  ) {}

  run(steps: readonly ChaosStep[]): void {
    const { stream } = this;
    stream.onStatus((status) => {
      if ('window' in status) {
        expect(status.outstanding + status.unsettled, 'outstanding + unsettled').to.be.at.most(this.window);
      }
      expect(status.type).not.to.equal('replayReset');
    });
    const errors: unknown[] = [];
    const subscription = stream.events$.subscribe({
      next: (event) => {
        this.names.push(event.id);
        this.held.push(hold(event));
        expect(this.held.length, 'held').to.be.at.most(this.window);
      },
      error: (error: unknown) => errors.push(error),
    });
    let now = 1;
    for (const step of steps) {
      stream.at(now, () => this.do(step));
      now += step[0] === 'wait' ? step[1] * 100 : step[0] === 'silence' ? 400_000 : 1;
    }
    // In the end all is well: the next stream comes within the longest pause, and everything is sent and settled.
    for (let round = 0; round < 40; round++) {
      now += 121_000;
      for (let again = 0; again < 10; again++) {
        stream.at(now, () => {
          this.do(['release', 20]);
          this.do(['send', 20]);
          this.do(['release', 20]);
        });
      }
    }
    stream.at(now + 1, () => {
      expect(errors).to.deep.equal([]);
      expect(this.names).to.deep.equal(Array.from({ length: this.made }, (_, index) => `e${index}`));
      expect(this.held).to.have.length(0);
      subscription.unsubscribe();
      expect(this.stream.service.streams.every(({ cancelled }) => cancelled)).to.equal(true);
    });
  }

  private do([what, count]: ChaosStep): void {
    const { service } = this.stream;
    if (what === 'release') {
      for (let left = count; left > 0 && this.held.length > 0; left--)
        this.held.splice((left * 7) % this.held.length, 1)[0]?.release();
      return;
    }
    const current = service.streams.at(-1);
    if (!current || current.cancelled) return;
    if (what === 'send') this.send(count);
    else if (what === 'keepalive') this.keepalive();
    else if (what === 'end') current.end();
    else if (what === 'break') current.fail(broken);
    else if (what === 'throttle') current.fail(new ThrottledError('slower', { retriable: true }));
    else if (what === 'refuse' && this.refusals++ === 0) current.fail(refused);
  }

  private send(count: number): void {
    const { stream } = this.stream.service;
    if (stream.pending === 0) return;
    const from = this.cursors.get(stream) ?? this.startOf(nameOf(stream.start.from) ?? '');
    // A few more events happen, once all were sent.
    if (this.made < 300 && from >= this.made) this.made += count;
    const batch = Array.from(
      { length: Math.min(count, stream.pending, this.made - from) },
      (_, index) => `e${from + index}`,
    );
    if (batch.length === 0) return;
    this.refusals = 0;
    this.cursors.set(stream, from + batch.length);
    stream.send(...batch);
  }

  private keepalive(): void {
    const { stream } = this.stream.service;
    const from = this.cursors.get(stream) ?? this.startOf(nameOf(stream.start.from) ?? '');
    if (from < this.made) return;
    this.cursors.set(stream, from);
    this.refusals = 0;
    stream.keepalive(`k${from}-${this.keepalives++}`);
  }

  /** Where the log goes on; a service at its worst sends some events again. */
  private startOf(from: string): number {
    if (from === 'earliest') return 0;
    const next = from.startsWith('k') ? Number(/\d+/.exec(from)?.[0]) : Number(from.slice(1)) + 1;
    return Math.max(0, next - this.redelivers);
  }
}
