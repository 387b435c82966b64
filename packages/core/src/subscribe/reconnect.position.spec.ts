import { expect } from 'chai';
import { map, NEVER, retry, timer } from 'rxjs';
import { FakeStore, nameOf } from '../../test/support/fake-store.js';
import { payloadOf, THING, THING_TIME, wireEvent } from '../../test/support/fake-service.js';
import { inVirtualTime, type VirtualThingStream } from '../../test/support/in-virtual-time.js';
import { steppedThingStream, SteppedTime } from '../../test/support/stepped-time.js';
import { ReplayIdInvalidError } from '../model/errors.js';
import type { SubscribeOptions } from './options.js';
import { broken, schemaInfo, starts, subscribeHolding, typesOf } from '../../test/support/breaking-streams.js';

const invalid = new ReplayIdInvalidError('The replay id is unknown.');

/** An event that happened at another time than the others. */
const timed = (name: string, time: number) => wireEvent(name, { payload: payloadOf(name, THING, time) });

describe('eventStream, when its streams break', () => {
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
});
