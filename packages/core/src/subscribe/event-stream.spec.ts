import { inspect } from 'node:util';
import { expect } from 'chai';
import {
  asyncScheduler,
  config,
  delay,
  map,
  merge,
  NEVER,
  of,
  retry,
  share,
  Subject,
  switchMap,
  take,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { parseSchema, schemaIdOf } from '@rxforce/core/codec';
import { changeSchema, payloadOf, THING, THING_TIME, wireEvent } from '../../test/support/fake-service.js';
import { hold, operate } from '@rxforce/core/delivery';
import { keep } from '../../test/support/keep.js';
import { inVirtualTime } from '../../test/support/in-virtual-time.js';
import { thingStream, type ThingStream } from '../../test/support/thing-stream.js';
import {
  AuthenticationError,
  ConfigurationError,
  ConnectionError,
  DecodeError,
  RxforceError,
  SchemaError,
  SettledEarlyError,
  TopicUnavailableError,
  ServiceError,
  LimitExceededError,
  ProtocolError,
} from '../model/errors.js';
import { fieldsOf, type EventFields } from '../model/event-fields.js';
import { ReplayId } from '../model/replay-id.js';
import type { WireSchemaInfo } from '../ports/wire.js';
import type { EventStream } from './event-stream.js';
import type { SubscribeOptions } from './options.js';

const range = (count: number, prefix = 'e') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const broken = { ...THING, id: 'broken' };
const truncated = (name: string) => wireEvent(name, { payload: payloadOf(name).subarray(0, 20) });

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

  describe('replay', () => {
    for (const replay of ['latest', 'earliest', ReplayId.parse('AAAA')] as const) {
      it(`starts from ${String(replay)}, when told to`, () => {
        inVirtualTime({ replay }, ({ service, subscribe, at }) => {
          subscribe();
          at(1, () => expect(service.stream.start.from).to.equal(replay));
        });
      });
    }

    it('goes on after the last settled event, with retry', () => {
      inVirtualTime({ replay: 'earliest', maxAttempts: 1 }, ({ service, events$, at }) => {
        const names: string[] = [];
        events$.pipe(retry({ delay: 1 })).subscribe(({ id }) => names.push(id));
        at(1, () => service.stream.send('a', 'b'));
        at(2, () => service.stream.end());
        at(5, () => {
          expect(String(service.stream.start.from)).to.equal(ReplayId.fromBytes(Buffer.from('b')).toString());
          service.stream.send('c');
          expect(names).to.deep.equal(['a', 'b', 'c']);
        });
      });
    });

    it('goes on after the last settled event, when share() connects again before the subscription has ended', () => {
      inVirtualTime({ maxAttempts: 1 }, ({ service, events$, at }) => {
        events$.pipe(share(), retry(1)).subscribe(() => undefined);
        at(1, () => service.stream.send('a'));
        at(2, () => service.stream.end());
        at(5, () => expect(String(service.stream.start.from)).to.equal(String(ReplayId.fromBytes(Buffer.from('a')))));
      });
    });

    it('goes on after the last settled event, when a subscription between ended before it began', () => {
      inVirtualTime({}, ({ service, subscribe, at }) => {
        const first = subscribe();
        at(1, () => {
          service.stream.send('a');
          first.subscription.unsubscribe();
          subscribe().subscription.unsubscribe();
          const third = subscribe();
          at(1, () => {
            expect(String(service.stream.start.from)).to.equal(String(ReplayId.fromBytes(Buffer.from('a'))));
            third.subscription.unsubscribe();
            subscribe();
          });
          at(2, () => expect(String(service.stream.start.from)).to.equal(String(ReplayId.fromBytes(Buffer.from('a')))));
        });
      });
    });

    it('brings an unsettled event again, with retry', () => {
      inVirtualTime({ replay: 'earliest' }, ({ service, events$, at }) => {
        let failures = 1;
        const handled = events$.pipe(
          map(({ id }) => {
            if (id === 'b' && failures-- > 0) throw new Error('once');
            return id;
          }),
        );
        handled.pipe(retry(1)).subscribe(() => undefined);
        at(1, () => service.stream.send('a', 'b', 'c'));
        at(3, () => expect(String(service.stream.start.from)).to.equal(String(ReplayId.fromBytes(Buffer.from('a')))));
      });
    });

    it('goes on after a keepalive, when nothing was in flight', () => {
      inVirtualTime({ maxAttempts: 1 }, ({ service, events$, at }) => {
        events$.pipe(retry(1)).subscribe();
        at(1, () => {
          service.stream.keepalive('k');
          service.stream.end();
        });
        at(3, () => expect(String(service.stream.start.from)).to.equal(String(ReplayId.fromBytes(Buffer.from('k')))));
      });
    });

    it('starts each from its own options, when subscriptions live side by side', () => {
      inVirtualTime({ replay: 'earliest' }, ({ service, subscribe, at }) => {
        const first = subscribe();
        at(1, () => service.stream.send('a'));
        at(2, () => subscribe());
        at(3, () => {
          expect(service.stream.start.from).to.equal('earliest');
          first.subscription.unsubscribe();
        });
      });
    });

    it('goes on for each where it ended, when several subscriptions end and are retried', () => {
      inVirtualTime({ replay: 'earliest', maxAttempts: 1, settle: 'on-return' }, ({ service, events$, at }) => {
        const slow = operate(events$, 'works', () => ({
          next: (event) => {
            const held = hold(event);
            if (event.id === 'a') held.release();
          },
        }));
        const pipeline = merge(slow, events$).pipe(retry(1));
        operate(pipeline, 'keeps', () => ({ next: () => undefined })).subscribe();
        at(1, () => service.streams.forEach((stream) => stream.send('a', 'b', 'c')));
        at(2, () => service.streams[0]?.end());
        at(5, () => {
          const starts = service.streams
            .slice(2)
            .map(({ start }) => Buffer.from((start.from as ReplayId).toBytes()).toString());
          expect(starts).to.deep.equal(['a', 'c']);
        });
      });
    });

    it('goes back to the time of the first event, when that was not settled', () => {
      inVirtualTime({}, ({ service, events$, warnings, at }) => {
        const names: string[] = [];
        let failures = 1;
        const once = events$.pipe(
          map(({ id }) => {
            if (failures-- > 0) throw new Error('once');
            names.push(id);
          }),
        );
        once.pipe(retry(1)).subscribe();
        at(1, () => service.stream.send('a'));
        at(3, () => {
          expect(service.stream.start.from).to.equal('earliest');
          service.stream.send(wireEvent('before', { payload: payloadOf('before', THING, THING_TIME - 1) }), 'a', 'b');
          expect(names).to.deep.equal(['a', 'b']);
          expect(warnings).to.deep.equal([]);
        });
      });
    });

    it('says so, when it cannot go back before the first event', () => {
      inVirtualTime({}, ({ service, events$, warnings, at }) => {
        service.schemas = () => throwError(() => new LimitExceededError('no'));
        events$.pipe(retry(1)).subscribe({ error: () => undefined });
        at(1, () => service.stream.send('a'));
        at(3, () => {
          expect(service.streams).to.have.length(2);
          expect(warnings[0]).to.include("starts from 'latest' again");
        });
      });
    });

    it('never starts after an empty position', () => {
      inVirtualTime({ replay: 'earliest', maxAttempts: 1 }, ({ service, events$, at }) => {
        events$.pipe(retry(1)).subscribe();
        at(1, () => {
          service.stream.send({ ...wireEvent('a'), replayId: Buffer.alloc(0) });
          service.stream.end();
        });
        at(3, () => expect(service.stream.start.from).to.equal('earliest'));
      });
    });

    it('takes the position before for an event that comes without one', () => {
      inVirtualTime({}, ({ service, events$, at }) => {
        const positions: string[] = [];
        events$.subscribe(({ replayId }) => positions.push(Buffer.from(replayId.toBytes()).toString()));
        at(1, () => {
          service.stream.send('a', { ...wireEvent('b'), replayId: Buffer.alloc(0) }, 'c');
          expect(positions).to.deep.equal(['a', 'a', 'c']);
        });
      });
    });
  });

  describe('demand', () => {
    it('asks for no more than the window, and again as events are settled', () => {
      inVirtualTime({ window: 8, refillAt: 4 }, ({ service, subscribe, at }) => {
        subscribe();
        at(1, () => {
          expect(service.stream.requests).to.deep.equal([8]);
          service.stream.send(...range(3));
          expect(service.stream.requests).to.deep.equal([8]);
          service.stream.send(...range(1, 'f'));
          expect(service.stream.requests).to.deep.equal([8, 4]);
        });
      });
    });

    it('asks for nothing, while everything is held', () => {
      inVirtualTime({ window: 5 }, ({ service, events$, statuses, at }) => {
        const releases: (() => void)[] = [];
        events$.pipe(keep((_event, held) => releases.push(() => held.release()))).subscribe();
        at(1, () => service.stream.send(...range(5)));
        at(60_000, () => {
          expect(service.stream.requests).to.deep.equal([5]);
          expect(statuses.filter(({ type }) => type === 'pressure')).to.have.length(1);
          releases[0]?.();
          expect(service.stream.requests).to.deep.equal([5, 1]);
        });
      });
    });

    it('counts events in the window while they wait for their schema', () => {
      inVirtualTime({ window: 4 }, ({ service, subscribe, statuses, at }) => {
        service.schemas = () => NEVER;
        subscribe();
        at(1, () => {
          service.stream.send(...range(4));
          expect(service.stream.requests).to.deep.equal([4]);
          expect(statuses.at(-1)).to.deep.include({ type: 'pressure', unsettled: 4, outstanding: 0 });
        });
      });
    });

    it('asks on receipt, before anything is handed out, so that a slow handler does not hold the request up', () => {
      inVirtualTime({ window: 200, refillAt: 50 }, ({ service, events$, at }) => {
        const requestsSeen: number[] = [];
        events$.subscribe(() => requestsSeen.push(service.stream.requests.length));
        at(1, () => {
          service.stream.send(...range(50));
          expect(requestsSeen[0]).to.equal(2);
          expect(service.stream.requests).to.deep.equal([100, 50]);
        });
      });
    });

    it('survives a flood without growing the stack, when the server answers inside the request', () => {
      inVirtualTime({ window: 3 }, ({ service, events$, at }) => {
        let sent = 0;
        let received = 0;
        service.onRequest = (stream) => {
          if (sent < 20_000) stream.send(...range(stream.pending, `${(sent += stream.pending)}-`));
        };
        events$.subscribe(() => received++);
        at(1_000_000, () => expect(received).to.equal(sent).and.be.at.least(20_000));
      });
    });

    it('emits nothing inside subscribe(), and nothing inside a settlement', () => {
      inVirtualTime({ window: 1 }, ({ service, events$, at }) => {
        const order: string[] = [];
        let release: () => void = () => undefined;
        service.onRequest = (stream) => stream.send(`e${service.stream.requests.length}`);
        events$.subscribe(({ id }) => order.push(id)).unsubscribe();
        events$
          .pipe(
            keep(({ id }, held) => {
              order.push(id);
              release = () => held.release();
            }),
          )
          .subscribe();
        order.push('subscribed');
        at(10, () => {
          order.push('releasing');
          release();
          order.push('released');
        });
        at(20, () => expect(order).to.deep.equal(['subscribed', 'e1', 'releasing', 'released', 'e2']));
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

  describe('schemas', () => {
    it('are fetched once, however many events and subscriptions wait', () => {
      inVirtualTime({}, ({ service, subscribe, at }) => {
        const answer = new Subject<void>();
        service.schemas = () =>
          answer.pipe(
            take(1),
            map(() => ({ schemaId: THING.id, schemaJson: THING.json, rpcId: '' })),
          );
        const [first, second] = [subscribe(), subscribe()];
        at(1, () => {
          service.streams.forEach((stream) => stream.send('a', 'b'));
          service.stream.send('c');
          answer.next();
          expect(service.schemaCalls).to.deep.equal([THING.id]);
        });
        at(2, () => {
          expect(first.names).to.deep.equal(['a', 'b']);
          expect(second.names).to.deep.equal(['a', 'b', 'c']);
          service.stream.send('d');
          expect(service.schemaCalls).to.have.length(1);
        });
      });
    });

    it('keep the order of events, while one of several is being fetched', () => {
      inVirtualTime({}, ({ service, subscribe, at }) => {
        const other = changeSchema('Colour');
        service.schemas = (schemaId) =>
          schemaId === THING.id
            ? of({ schemaId, schemaJson: THING.json, rpcId: '' })
            : timer(5).pipe(map(() => ({ schemaId, schemaJson: other.json, rpcId: '' })));
        const { names } = subscribe();
        at(1, () => service.stream.send('a', wireEvent('b', { schema: other }), 'c'));
        at(2, () => service.stream.send('d'));
        at(5, () => expect(names).to.deep.equal(['a']));
        at(10, () => expect(names).to.deep.equal(['a', 'b', 'c', 'd']));
      });
    });

    it('are fetched one after the other, when several are new', () => {
      inVirtualTime({}, ({ service, subscribe, at }) => {
        const schemas = [changeSchema('A'), changeSchema('B'), changeSchema('C')];
        service.schemas = (schemaId) => {
          const schemaJson = schemas.find(({ id }) => id === schemaId)?.json ?? '';
          return timer(5).pipe(map(() => ({ schemaId, schemaJson, rpcId: '' })));
        };
        const { names } = subscribe();
        at(1, () => service.stream.send(...schemas.map((schema, index) => wireEvent(`e${index}`, { schema }))));
        at(20, () => expect(names).to.deep.equal(['e0', 'e1', 'e2']));
      });
    });

    it('error the stream, when one is not the schema of its id', () => {
      inVirtualTime({}, ({ service, subscribe, at }) => {
        const { errors } = subscribe();
        at(1, () => {
          service.stream.send(wireEvent('a', { schema: broken, payload: payloadOf('a') }));
          expect(errors[0])
            .to.be.instanceOf(SchemaError)
            .and.include({ schemaId: 'broken', actualSchemaId: THING.id })
            .and.include({ topic: '/data/ThingChangeEvent', replayId: 'YQ==' });
          expect((errors[0] as Error).message)
            .to.include("schemaIds: 'trust'")
            .and.include('onUndecodable');
          expect(service.stream.cancelled).to.equal(true);
        });
      });
    });

    it('put the event aside, when one is not the schema of its id and there is a handler for undecodable events', () => {
      const handed: unknown[] = [];
      const onUndecodable = ({ id }: { id: string }, { message }: DecodeError) => void handed.push(id, message);
      inVirtualTime({ onUndecodable }, ({ service, subscribe, at }) => {
        const { names, errors } = subscribe();
        at(1, () => {
          service.stream.send(wireEvent('b', { schema: broken, payload: payloadOf('b') }), 'a');
          expect(names).to.deep.equal(['a']);
          expect(errors).to.deep.equal([]);
          expect(handed[0]).to.equal('b');
          expect(handed[1]).to.include("schemaIds: 'trust'");
        });
      });
    });

    it('are asked for again after a pause, when a fetch failed and may not the next time', () => {
      inVirtualTime({}, ({ service, events$, statuses, at }) => {
        const names: string[] = [];
        service.schemas = (schemaId) => {
          const failed = service.schemaCalls.length === 1;
          return failed
            ? throwError(() => new ServiceError('no', { retriable: true }))
            : of({ schemaId, schemaJson: THING.json, rpcId: '' });
        };
        events$.subscribe(({ id }) => names.push(id));
        at(1, () => service.stream.send('a'));
        at(600, () => {
          expect(names).to.deep.equal(['a']);
          expect(service.streams).to.have.length(1);
          expect(statuses.filter(({ type }) => type === 'waiting')).to.have.length(1);
        });
      });
    });
  });

  describe('an event whose schema can never be had', () => {
    const other = changeSchema('Colour');
    const unknown = () => throwError(() => new TopicUnavailableError('no schema', { grpcStatus: 5 }));
    const badly = (schemaJson: string) => () => of({ schemaId: other.id, schemaJson, rpcId: '' });
    const failures: Record<string, () => Observable<WireSchemaInfo>> = {
      'is not known to the service, or may not be read': unknown,
      'has an id that the service does not take': () => throwError(() => new ProtocolError('no id')),
      'is not Avro': badly('<html>'),
      'is no record': badly('"string"'),
    };
    /** The first schema is had, the other one not. */
    const withoutOther = (answer: () => Observable<WireSchemaInfo>) => (schemaId: string) =>
      schemaId === THING.id ? of({ schemaId, schemaJson: THING.json, rpcId: '' }) : answer();
    const ofOther = (name: string, schema = other) => wireEvent(name, { schema, payload: payloadOf(name, other) });

    for (const [what, answer] of Object.entries(failures)) {
      // A schema that is no record has an id of its own.
      const schema = what === 'is no record' ? { ...other, id: schemaIdOf(parseSchema('"string"')) } : other;

      it(`is handed to the handler as it came, and the stream goes on, when the schema ${what}`, () => {
        const handed: unknown[] = [];
        const onUndecodable: SubscribeOptions['onUndecodable'] = (event, error) => {
          handed.push([event.id, event.schemaId, event.payload.length, error.code, error.replayId, error.schemaId]);
          expect(error).to.be.instanceOf(DecodeError).with.property('cause').that.is.instanceOf(RxforceError);
        };
        inVirtualTime({ onUndecodable, window: 3, refillAt: 1 }, ({ service, subscribe, statuses, at }) => {
          service.schemas = withoutOther(answer);
          const { names, errors } = subscribe();
          at(1, () => service.stream.send('a', ofOther('b', schema), 'c'));
          at(5, () => {
            expect(errors).to.deep.equal([]);
            expect(names).to.deep.equal(['a', 'c']);
            const { length } = payloadOf('b', other);
            expect(handed).to.deep.equal([['b', schema.id, length, 'undecodable', 'Yg==', schema.id]]);
            expect(service.stream.requests.reduce((sum, count) => sum + count)).to.equal(6);
            expect(statuses.filter(({ type }) => type === 'undecodable')).to.have.length(1);
          });
        });
      });

      it(`errors the stream, and says which event it is, without a handler, when the schema ${what}`, () => {
        inVirtualTime({}, ({ service, subscribe, at }) => {
          service.schemas = withoutOther(answer);
          const { names, errors } = subscribe();
          at(1, () => service.stream.send('a', ofOther('b', schema), 'c'));
          at(5, () => {
            expect(names).to.deep.equal(['a']);
            expect(errors[0]).to.be.instanceOf(RxforceError).and.include({
              topic: '/data/ThingChangeEvent',
              replayId: 'Yg==',
              schemaId: schema.id,
              retriable: false,
            });
            expect((errors[0] as RxforceError).code).to.be.oneOf(['topic-unavailable', 'protocol', 'schema-invalid']);
            expect((errors[0] as Error).message).to.include('onUndecodable');
          });
        });
      });
    }

    it('is handed to the handler, and nothing is asked of the service, when it names no schema', () => {
      const handed: string[] = [];
      inVirtualTime({ onUndecodable: ({ id }) => void handed.push(id) }, ({ service, subscribe, at }) => {
        const { names } = subscribe();
        at(1, () => service.stream.send(ofOther('a', { ...other, id: '' }), 'b', ofOther('c', { ...other, id: '' })));
        at(5, () => {
          expect([names, handed]).to.deep.equal([['b'], ['a', 'c']]);
          expect(service.schemaCalls).to.deep.equal([THING.id]);
        });
      });
    });

    it('errors the stream, without a handler, when it names no schema', () => {
      inVirtualTime({}, ({ service, subscribe, at }) => {
        const { errors } = subscribe();
        at(1, () => service.stream.send(ofOther('a', { ...other, id: '' })));
        at(5, () => expect(errors[0]).to.include({ code: 'schema-invalid', replayId: 'YQ==', schemaId: '' }));
      });
    });

    it('costs one question for all events that wait, and another one for those that come later', () => {
      const handed: string[] = [];
      inVirtualTime({ onUndecodable: ({ id }) => void handed.push(id), replay: 'earliest' }, (virtual) => {
        const { service, subscribe, at } = virtual;
        service.schemas = withoutOther(() => timer(2).pipe(switchMap(unknown)));
        const { names } = subscribe();
        at(1, () => service.stream.send(ofOther('a'), ofOther('b'), 'c', ofOther('d')));
        at(10, () => {
          expect([names, handed]).to.deep.equal([['c'], ['a', 'b', 'd']]);
          expect(service.schemaCalls).to.deep.equal([other.id, THING.id]);
          service.schemas = (schemaId) => of({ schemaId, schemaJson: other.json, rpcId: '' });
          service.stream.send(ofOther('e'));
        });
        at(12, () => {
          expect(names).to.deep.equal(['c', 'e']);
          expect(service.schemaCalls).to.have.length(3);
        });
      });
    });

    it('is waited for, and never counts as undecodable, while the failure may pass', () => {
      const handed: unknown[] = [];
      inVirtualTime({ onUndecodable: (event) => void handed.push(event) }, ({ service, subscribe, at }) => {
        let failures = 3;
        service.schemas = (schemaId) =>
          failures-- > 0
            ? throwError(() => new ConnectionError('UNAVAILABLE'))
            : of({ schemaId, schemaJson: THING.json, rpcId: '' });
        const { names, errors } = subscribe();
        at(1, () => service.stream.send('a'));
        at(60_000, () => expect([names, handed, errors]).to.deep.equal([['a'], [], []]));
      });
    });

    for (const [what, error] of [
      ['the login is refused', new AuthenticationError('no')],
      ['the connection is not trusted', new ConnectionError('no', { retriable: false })],
      ['the allocation is used up', new LimitExceededError('no')],
    ] as const) {
      it(`errors the stream with what happened, also with a handler, when ${what}`, () => {
        const handed: unknown[] = [];
        const options = { onUndecodable: () => void handed.push(1), replay: 'earliest' } as const;
        inVirtualTime(options, ({ service, subscribe, at }) => {
          service.schemas = () => throwError(() => error);
          const { errors } = subscribe();
          at(1, () => service.stream.send('a'));
          at(5, () => expect([errors, handed]).to.deep.equal([[error], []]));
        });
      });
    }

    it('is put aside once, when it is the first after the tip; what follows is not lost by that', () => {
      const handed: string[] = [];
      inVirtualTime({ onUndecodable: ({ id }) => void handed.push(id) }, ({ service, subscribe, at }) => {
        service.schemas = withoutOther(unknown);
        const { names } = subscribe();
        at(1, () => service.stream.send(ofOther('a'), 'b'));
        at(5, () => expect([names, handed]).to.deep.equal([['b'], ['a']]));
      });
    });
  });

  describe('an event that cannot be decoded', () => {
    it('errors the stream, without a handler', () => {
      inVirtualTime({}, ({ service, subscribe, at }) => {
        const { names, errors } = subscribe();
        at(1, () => {
          service.stream.send('a', truncated('b'), 'c');
          expect(names).to.deep.equal(['a']);
          expect(errors[0]).to.be.instanceOf(DecodeError);
        });
      });
    });

    it('is handed to the handler as it came, and the stream goes on', () => {
      const handed: unknown[] = [];
      const onUndecodable: SubscribeOptions['onUndecodable'] = ({ id, schemaId, payload, replayId }, error) => {
        handed.push([id, schemaId, payload.length, replayId.toString(), error.code]);
      };
      inVirtualTime({ onUndecodable, window: 3, refillAt: 1 }, ({ service, subscribe, statuses, at }) => {
        const { names } = subscribe();
        at(1, () => {
          service.stream.send('a', truncated('b'), 'c');
          expect(names).to.deep.equal(['a', 'c']);
          expect(handed).to.deep.equal([['b', THING.id, 20, 'Yg==', 'undecodable']]);
          expect(service.stream.requests.reduce((sum, count) => sum + count)).to.equal(6);
          expect(statuses.filter(({ type }) => type === 'undecodable')).to.have.length(1);
        });
      });
    });

    it('is settled when what the handler returned completes, not before', () => {
      inVirtualTime({ onUndecodable: () => timer(5), window: 1 }, ({ service, subscribe, at }) => {
        subscribe();
        at(1, () => service.stream.send(truncated('a')));
        at(5, () => expect(service.stream.requests).to.deep.equal([1]));
        at(7, () => expect(service.stream.requests).to.deep.equal([1, 1]));
      });
    });

    it('errors the stream, when the handler throws or errors', () => {
      const failure = new Error('full');
      for (const onUndecodable of [
        () => {
          throw failure;
        },
        () => throwError(() => failure),
      ]) {
        inVirtualTime({ onUndecodable }, ({ service, subscribe, at }) => {
          const { errors } = subscribe();
          at(1, () => {
            service.stream.send(truncated('a'));
            expect(errors).to.deep.equal([failure]);
          });
        });
      }
    });
  });

  describe('the end', () => {
    it('is a retriable error, when the server ended the stream as often as it may', () => {
      inVirtualTime({ maxAttempts: 1 }, ({ service, subscribe, at }) => {
        const { errors } = subscribe();
        at(1, () => {
          service.stream.end();
          expect(errors[0]).to.be.instanceOf(RxforceError).and.include({ code: 'stream-ended', retriable: true });
        });
      });
    });

    it('is the error of the stream, when that failed for good, and is told with its end', () => {
      const error = new TopicUnavailableError('no such topic');
      inVirtualTime({}, ({ service, subscribe, statuses, at }) => {
        const { errors } = subscribe();
        at(1, () => {
          service.stream.fail(error);
          expect(errors).to.deep.equal([error]);
          expect(statuses.at(-1)).to.deep.include({ type: 'closed', cause: error });
        });
      });
    });

    it('comes after what was received, when the stream ends right behind it', () => {
      inVirtualTime({ maxAttempts: 1 }, ({ service, subscribe, at }) => {
        const { names, errors } = subscribe();
        service.onRequest = (stream) => {
          stream.send('a', 'b');
          stream.end();
        };
        at(5, () => {
          expect(names).to.deep.equal(['a', 'b']);
          expect(errors).to.have.length(1);
        });
      });
    });

    it('is a typed error, when the service sends what cannot be', () => {
      inVirtualTime({}, ({ service, subscribe, at }) => {
        const { errors } = subscribe();
        at(1, () => {
          service.stream.send({ event: null, replayId: Buffer.from('a') });
          expect(errors[0]).to.be.instanceOf(RxforceError).and.include({ code: 'protocol' });
        });
      });
    });

    it('may come inside a status, whichever', () => {
      for (const type of ['connecting', 'requested', 'live', 'received'] as const) {
        inVirtualTime({ window: 2, refillAt: 1 }, ({ service, events$, onStatus, at }) => {
          const seen: string[] = [];
          const subscription = events$.subscribe();
          onStatus((status) => {
            seen.push(status.type);
            if (status.type === type) subscription.unsubscribe();
          });
          at(1, () => {
            if (type === 'live' || type === 'received') service.stream.send('a');
          });
          at(5, () => {
            expect(seen.indexOf('closed')).to.equal(seen.length - 1);
            expect(service.streams.every(({ cancelled }) => cancelled)).to.equal(true);
          });
        });
      }
    });

    it('is a completion, when the client is closed; subscribing later errors', () => {
      inVirtualTime({}, ({ service, events$, subscriptions, at }) => {
        const seen: string[] = [];
        events$.subscribe({ complete: () => seen.push('complete') });
        at(1, () => {
          subscriptions.close();
          expect(seen).to.deep.equal(['complete']);
          expect(service.stream.cancelled).to.equal(true);
          events$.subscribe({ error: (error: unknown) => seen.push((error as RxforceError).code) });
          expect(seen).to.deep.equal(['complete', 'client-closed']);
        });
      });
    });

    it('may come inside the request that a release makes', () => {
      inVirtualTime({ window: 1 }, ({ service, events$, onStatus, at }) => {
        const releases: (() => void)[] = [];
        const subscription = events$.pipe(keep((_event, held) => releases.push(() => held.release()))).subscribe();
        at(1, () => {
          service.stream.send('a');
          onStatus(({ type }) => {
            if (type === 'requested') subscription.unsubscribe();
          });
          expect(() => releases[0]?.()).not.to.throw();
          expect(subscription.closed).to.equal(true);
          expect(service.stream.requests).to.deep.equal([1]);
        });
      });
    });

    it('stops the fetching of a schema, when the subscriber unsubscribes', () => {
      inVirtualTime({}, ({ service, subscribe, at }) => {
        const answer = new Subject<never>();
        service.schemas = () => answer;
        const { subscription } = subscribe();
        at(1, () => {
          service.stream.send('a');
          expect(answer.observed).to.equal(true);
          subscription.unsubscribe();
          expect(answer.observed).to.equal(false);
        });
      });
    });

    it('hands no undecodable event out, when the subscriber unsubscribed before it', () => {
      const handed: string[] = [];
      const onUndecodable: SubscribeOptions['onUndecodable'] = ({ id }) => void handed.push(id);
      inVirtualTime({ onUndecodable }, ({ service, events$, at }) => {
        events$.pipe(take(1)).subscribe();
        at(1, () => {
          service.stream.send('a', truncated('b'));
          expect(handed).to.deep.equal([]);
        });
      });
    });

    it('stops handing out, when the subscriber unsubscribes in the middle of a response', () => {
      inVirtualTime({}, ({ service, events$, at }) => {
        const names: string[] = [];
        events$.pipe(take(2)).subscribe(({ id }) => names.push(id));
        at(1, () => {
          service.stream.send(...range(5));
          expect(names).to.deep.equal(['e0', 'e1']);
        });
      });
    });
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

  describe('what is known of the fields of its events', () => {
    const known = (options: SubscribeOptions, look: (fields: EventFields, stream: ThingStream) => void) => {
      inVirtualTime(options, (stream) => {
        const seen: (EventFields | undefined)[] = [];
        stream.events$.subscribe((event) => seen.push(fieldsOf(event), fieldsOf({ ...event })));
        stream.at(1, () => {
          stream.service.stream.send('a', 'b');
          expect(new Set(seen).size).to.equal(1);
          look(seen[0]!, stream);
        });
      });
    };

    it('is what the schema says, one for all of them, and the logger of the client', () => {
      known({}, (fields, { warnings }) => {
        expect(fields.eventName).to.equal('ThingChangeEvent');
        expect(fields.kindsOf('Name')).to.deep.equal(['text']);
        expect([fields.kindsOf('Nmae'), fields.closestTo('Nmae')]).to.deep.equal([undefined, 'Name']);
        expect(fields.kindsOf('ChangeEventHeader')).to.equal(undefined);
        expect(fields.isRead('Name')).to.equal(true);
        fields.logger.warn('x');
        expect(warnings).to.deep.equal(['x']);
      });
    });

    it('tells which fields are left out', () => {
      known({ fields: ['Nothing'], onMismatch: 'ignore' }, (fields) => {
        expect(['Name', 'Nothing', 'Nothing.Child'].map((path) => fields.isRead(path))).to.deep.equal([
          false,
          true,
          true,
        ]);
      });
    });

    it('is in no JSON of an event, nor is its delivery; a copy of an event is written as it is', () => {
      inVirtualTime({}, ({ service, events$, at }) => {
        const texts: string[] = [];
        const write = (event: object) => texts.push(JSON.stringify(event), JSON.stringify({ ...event, more: 1 }));
        events$.subscribe((event) => void write(event));
        at(1, () => {
          service.stream.send('a');
          const written = JSON.parse(texts[0]!) as Record<string, Record<string, unknown>>;
          expect(Object.keys(written)).to.deep.equal(['id', 'topic', 'replayId', 'schemaId', 'header', 'data']);
          expect(written.replayId).to.be.a('string');
          expect(written.header!.commitNumber).to.equal('1709303151782928388');
          expect(JSON.parse(texts[1]!)).to.deep.equal({ ...written, more: 1 });
        });
      });
    });

    it('is printed in few words, and the delivery too', () => {
      inVirtualTime({}, ({ service, events$, at }) => {
        const texts: string[] = [];
        events$.subscribe((event) => texts.push(inspect(event)));
        at(1, () => {
          service.stream.send('a');
          expect(texts[0]).to.match(/\[Symbol\(@rxforce\/core\/delivery\/2\)\]: Delivery\(open\)/);
          expect(texts[0]).to.include("header: {\n    entityName: 'Thing'");
          expect(texts[0]!.split('\n').length).to.be.lessThan(30);
        });
      });
    });

    it('is printed in few words, and is not in what is written as JSON', () => {
      inVirtualTime({}, ({ service, events$, at }) => {
        const texts: string[] = [];
        events$.subscribe((event) => texts.push(inspect(event), JSON.stringify(Object.keys(event))));
        at(1, () => {
          service.stream.send('a');
          expect(texts[0]).to.include('[Symbol(@rxforce/core/fields/1)]: Fields(ThingChangeEvent)');
          expect(texts[1]).not.to.include('fields');
        });
      });
    });
  });
});
