import { expect } from 'chai';
import { of, switchMap, throwError, timer, type Observable } from 'rxjs';
import { parseSchema, schemaIdOf } from '@rxforce/core/codec';
import { changeSchema, payloadOf, THING, wireEvent } from '../../test/support/fake-service.js';
import { inVirtualTime } from '../../test/support/in-virtual-time.js';
import {
  AuthenticationError,
  ConnectionError,
  DecodeError,
  RxforceError,
  TopicUnavailableError,
  LimitExceededError,
  ProtocolError,
} from '../model/errors.js';
import type { WireSchemaInfo } from '../ports/wire.js';
import type { SubscribeOptions } from './options.js';
import { truncated } from '../../test/support/thing-stream.js';

describe('eventStream', () => {
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
});
