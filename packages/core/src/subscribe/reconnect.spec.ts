import { expect } from 'chai';
import { map, of, throwError, timer, type Observable } from 'rxjs';
import { FakeStore } from '../../test/support/fake-store.js';
import { THING, wireEvent } from '../../test/support/fake-service.js';
import { inVirtualTime } from '../../test/support/in-virtual-time.js';
import { steppedThingStream, SteppedTime } from '../../test/support/stepped-time.js';
import type { WireSchemaInfo } from '../ports/wire.js';
import { broken, schemaInfo, starts, subscribeHolding, typesOf } from '../../test/support/breaking-streams.js';

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
});
