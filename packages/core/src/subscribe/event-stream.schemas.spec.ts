import { inspect } from 'node:util';
import { expect } from 'chai';
import { map, of, Subject, take, throwError, timer } from 'rxjs';
import { changeSchema, payloadOf, THING, wireEvent } from '../../test/support/fake-service.js';
import { inVirtualTime } from '../../test/support/in-virtual-time.js';
import type { ThingStream } from '../../test/support/thing-stream.js';
import type { DecodeError } from '../model/errors.js';
import { SchemaError, ServiceError } from '../model/errors.js';
import { fieldsOf, type EventFields } from '../model/event-fields.js';
import type { SubscribeOptions } from './options.js';

const broken = { ...THING, id: 'broken' };

describe('eventStream', () => {
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
          expect(texts[0]).to.match(/\[Symbol\(@rxforce\/core\/delivery\/3\)\]: Delivery\(open\)/);
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
