import { expect } from 'chai';
import { asyncScheduler, config, delay } from 'rxjs';
import { THING } from '../../test/support/fake-service.js';
import { keep } from '../../test/support/keep.js';
import { inVirtualTime } from '../../test/support/in-virtual-time.js';
import { thingStream, type ThingStream } from '../../test/support/thing-stream.js';
import { ConfigurationError, SettledEarlyError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { EventStream } from './event-stream.js';
import type { SubscribeOptions } from './options.js';

describe('eventStream', () => {
  it('does nothing before it is subscribed to', () => {
    inVirtualTime({}, ({ service, at }) => at(10, () => expect(service.streams).to.deep.equal([])));
  });

  it('opens a stream of its own for each subscription, and cancels it when unsubscribed', () => {
    inVirtualTime({}, ({ service, subscribe, at }) => {
      const [first, second] = [subscribe(), subscribe()];
      at(1, () => {
        expect(service.streams).to.have.length(2);
        first.subscription.unsubscribe();
        expect(service.streams.map(({ cancelled }) => cancelled)).to.deep.equal([true, false]);
        second.subscription.unsubscribe();
        expect(service.streams.map(({ cancelled }) => cancelled)).to.deep.equal([true, true]);
      });
    });
  });

  it('delivers events decoded, with their header, position and schema', () => {
    inVirtualTime({}, ({ service, events$, at }) => {
      const seen: unknown[] = [];
      events$.subscribe(({ id, topic, replayId, schemaId, header, data }) =>
        seen.push([id, topic, replayId.toString(), schemaId, header.commitNumber, header.changeType, data]),
      );
      at(1, () => {
        service.stream.send('a');
        expect(seen).to.deep.equal([
          ['a', '/data/ThingChangeEvent', 'YQ==', THING.id, 1_709_303_151_782_928_388n, 'CREATE', { Name: 'a' }],
        ]);
      });
    });
  });

  it('goes on, when a subscriber of status$ throws, which RxJS reports', () => {
    const { onUnhandledError } = config;
    const thrown: unknown[] = [];
    config.onUnhandledError = (error) => thrown.push(error);
    try {
      inVirtualTime({}, ({ service, subscribe, events$, at }) => {
        (events$ as EventStream<unknown>).status$.subscribe(() => {
          throw new Error('no status');
        });
        const { names, errors } = subscribe();
        at(1, () => service.stream.send('a', 'b'));
        at(5, () => expect([names, errors]).to.deep.equal([['a', 'b'], []]));
      });
    } finally {
      config.onUnhandledError = onUnhandledError;
    }
    expect(thrown.length).to.be.greaterThan(0);
  });

  describe('early settlement', () => {
    /** A plain asynchronous operator keeps the event and holds nothing. */
    const late = ({ events$ }: ThingStream, errors: unknown[]) => {
      const handled$ = events$.pipe(
        delay(2),
        keep((_event, held) => held.release()),
      );
      return handled$.subscribe({ error: (error: unknown) => errors.push(error) });
    };

    it('errors the stream and names the fix, when nothing of the value is held', () => {
      inVirtualTime({}, (stream) => {
        const errors: unknown[] = [];
        late(stream, errors);
        stream.at(1, () => stream.service.stream.send('a'));
        stream.at(5, () => {
          expect(errors[0]).to.be.instanceOf(SettledEarlyError);
          expect(String(errors[0])).to.include('handle()');
          expect(stream.statuses).to.deep.include({
            type: 'settledEarly',
            topic: '/data/ThingChangeEvent',
            subscription: 1,
            name: undefined,
            replayId: ReplayId.fromBytes(Buffer.from('a')),
            beside: 'alone',
          });
        });
      });
    });

    it('warns once a subscription and tells each, when told to warn', () => {
      inVirtualTime({ earlySettlement: 'warn' }, (stream) => {
        const errors: unknown[] = [];
        late(stream, errors);
        stream.at(1, () => stream.service.stream.send('a', 'b'));
        stream.at(5, () => {
          expect(errors).to.deep.equal([]);
          expect(stream.warnings).to.have.length(1);
          expect(stream.statuses.filter(({ type }) => type === 'settledEarly')).to.have.length(2);
        });
      });
    });
  });

  describe('options', () => {
    const bad: [string, unknown][] = [
      ['an unknown name', { windows: 3 }],
      ['a window of 0', { window: 0 }],
      ['a replay id as a number', { replay: 12345 }],
      ['a replay preset that does not exist', { replay: 'oldest' }],
      ['fields that are no list', { fields: 'Name' }],
      ['an unknown policy', { earlySettlement: 'ignore' }],
      ['a handler that is no function', { onUndecodable: true }],
    ];
    for (const [what, options] of bad) {
      it(`are refused at the call, with ${what}`, () => {
        expect(() => thingStream(asyncScheduler, options as SubscribeOptions)).to.throw(ConfigurationError);
      });
    }

    it('decode the wanted fields only', () => {
      inVirtualTime({ fields: ['Nothing'] }, ({ service, events$, at }) => {
        const seen: unknown[] = [];
        events$.subscribe(({ data, header }) => seen.push([data, header.entityName]));
        at(1, () => {
          service.stream.send('a');
          expect(seen).to.deep.equal([[{}, 'Thing']]);
        });
      });
    });

    it('warn of a wanted field that the schema lacks, once, and go on', () => {
      inVirtualTime({ fields: ['Nmae'] }, ({ service, subscribe, warnings, at }) => {
        const { names } = subscribe();
        at(1, () => {
          service.stream.send('a', 'b');
          expect(names).to.deep.equal(['a', 'b']);
          expect(warnings).to.have.length(1);
          expect(warnings[0]).to.include('"Nmae", but ThingChangeEvent has no such field. Did you mean "Name"?');
        });
      });
    });

    it('make an error of it, and settle nothing', () => {
      inVirtualTime({ fields: ['Nmae'], onMismatch: 'error', replay: 'earliest' }, ({ service, events$, at }) => {
        const errors: unknown[] = [];
        const seen: string[] = [];
        const subscribe = () =>
          events$.subscribe({ next: ({ id }) => seen.push(id), error: (error: unknown) => errors.push(error) });
        subscribe();
        at(1, () => {
          service.stream.send('a', 'b');
          expect(seen).to.deep.equal([]);
          expect(errors).to.have.length(1);
          expect(errors[0]).to.be.instanceOf(ConfigurationError);
        });
        at(2, subscribe);
        at(3, () => expect(service.stream.start.from).to.equal('earliest'));
      });
    });
  });
});
