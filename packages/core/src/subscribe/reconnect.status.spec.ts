import { expect } from 'chai';
import { timer } from 'rxjs';
import { deferred, FakeStore, nameOf } from '../../test/support/fake-store.js';
import { inVirtualTime } from '../../test/support/in-virtual-time.js';
import { steppedThingStream } from '../../test/support/stepped-time.js';
import { ReplayIdInvalidError } from '../model/errors.js';
import { Ok, type Result } from '../model/result.js';
import type { StoreError } from '../ports/replay-store.js';
import { broken, refused, starts, subscribeHolding, typesOf } from '../../test/support/breaking-streams.js';

describe('eventStream, when its streams break', () => {
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

    it('the logger of a stream that was live, and for five seconds after its end finds no connection', () => {
      inVirtualTime({}, ({ service, subscribe, warnings, at }) => {
        subscribe();
        at(1, () => service.stream.keepalive('k'));
        at(1_000, () => {
          service.connects = false;
          service.stream.fail(broken);
        });
        // The pause is of half a second.
        at(6_499, () => expect(warnings).to.deep.equal([]));
        at(6_501, () => {
          expect(warnings).to.have.length(1);
          expect(warnings[0])
            .to.match(
              /^\/data\/ThingChangeEvent: the stream ended, and for 5 s there has been no connection for another/,
            )
            .and.include('broken');
        });
        at(26_500, () => service.stream.fail(broken));
        at(40_000, () => expect(warnings).to.have.length(1));
      });
    });

    it('the logger of no connection only once there is a session to make one with', () => {
      for (const connects of [true, false]) {
        inVirtualTime({}, ({ service, subscribe, warnings, scheduler, at }) => {
          subscribe();
          at(1, () => service.stream.keepalive('k'));
          at(1_000, () => {
            service.session = timer(9_000, scheduler);
            service.connects = connects;
            service.stream.fail(broken);
          });
          // The session is there after the pause and nine seconds.
          at(15_499, () => expect(warnings).to.deep.equal([]));
          at(15_501, () => expect(warnings).to.have.length(connects ? 0 : 1));
        });
      }
    });

    it('the logger nothing of how a stream before the last one ended', () => {
      inVirtualTime({ replay: { from: 'earliest', onInvalid: 'earliest' } }, ({ service, subscribe, warnings, at }) => {
        subscribe();
        at(1, () => service.stream.keepalive('k'));
        at(1_000, () => service.stream.fail(broken));
        at(2_000, () => {
          service.connects = false;
          service.stream.fail(new ReplayIdInvalidError('unknown'));
        });
        at(20_000, () => {
          expect(starts(service)).to.deep.equal(['earliest', 'k', 'earliest']);
          expect(warnings.map((text) => text.startsWith('unknown'))).to.deep.equal([true]);
        });
      });
    });

    it('the logger nothing of how the last stream ended, when none was wanted since', async () => {
      const store = new FakeStore();
      const save = deferred<Result<void, StoreError>>();
      const stream = steppedThingStream({ window: 2, replay: { store, from: 'earliest', commitIntervalMs: 0 } });
      const { service, warnings, pass } = stream;
      const { release } = stream.subscribeHolding();
      await pass(1);
      service.stream.send('a', 'b');
      release('b');
      await pass(1);
      store.onSave = () => save.promise;
      service.connects = false;
      service.stream.fail(broken);
      // What is settled and not durable leaves no room.
      release('a');
      await pass(10_000);
      expect(typesOf(stream).slice(-2)).to.deep.equal(['waiting', 'parked']);
      save.resolve(Ok(undefined));
      await pass(20_000);
      expect(starts(service)).to.deep.equal(['earliest', 'b']);
      expect(warnings).to.deep.equal([]);
      stream.subscriptions.close();
      await pass(20_000);
    });

    it('the logger nothing of a stream that has its connection again by then, is refused meanwhile, or left', () => {
      for (const then of ['connect', 'refuse', 'leave'] as const) {
        inVirtualTime({}, ({ service, subscribe, warnings, at }) => {
          const { subscription } = subscribe();
          at(1, () => service.stream.keepalive('k'));
          at(1_000, () => {
            service.connects = then === 'connect';
            service.stream.fail(then === 'refuse' ? refused : broken);
          });
          at(5_000, () => then === 'leave' && subscription.unsubscribe());
          at(20_000, () => expect(warnings, then).to.deep.equal([]));
        });
      }
    });

    it('the logger at once of a stream that brought nothing for too long', () => {
      inVirtualTime({ silenceTimeoutMs: 1_000 }, ({ service, subscribe, warnings, at }) => {
        subscribe();
        at(1, () => service.stream.keepalive('k'));
        at(1_002, () =>
          expect(warnings).to.deep.equal(['/data/ThingChangeEvent: attempt 1 failed, the next is in 0.5 s. silence']),
        );
        at(1_600, () => service.stream.keepalive('k'));
        at(1_601, () => service.stream.fail(broken));
        at(1_602, () => expect(warnings).to.have.length(1));
      });
    });

    it('the logger at the fourth failure in a row and every 60 s, when it had worked', () => {
      const said = (warnings: readonly string[]) => warnings.map((text) => /attempt \d+/.exec(text)?.[0]);
      for (const ends of ['fail', 'end'] as const) {
        inVirtualTime(
          {},
          ({ service, subscribe, warnings, onStatus, scheduler, at }) => {
            subscribe();
            at(1, () => service.stream.keepalive('k'));
            const endStream = () => (ends === 'fail' ? service.stream.fail(broken) : service.stream.end());
            at(2, endStream);
            onStatus(({ type }) => {
              if (type === 'connecting') scheduler.schedule(endStream, 1);
            });
            // The attempts from the seventh on are 30 s apart.
            at(200_000, () => {
              expect(said(warnings)).to.deep.equal(['attempt 4', 'attempt 9', 'attempt 11']);
              expect(warnings[0]).to.include(ends === 'fail' ? 'broken' : 'The server ended the stream.');
            });
          },
          210_000,
        );
      }
    });
  });
});
