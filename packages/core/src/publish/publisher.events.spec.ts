import { expect } from 'chai';
import { map, of, throwError } from 'rxjs';
import { ORDERS, publishingTo, USER } from '../../test/support/fake-publish-service.js';
import { PublishError } from '../model/errors.js';
import type { PublishResult } from './publish-result.js';
import { broken, inVirtualTime, order } from '../../test/support/virtual-publishing.js';

describe('publisher', () => {
  describe('events', () => {
    it('fail alone, when their id cannot be read, or is none', () => {
      inVirtualTime(({ service, scheduler, at }) => {
        const results: PublishResult[] = [];
        const unreadable = {
          data: { Name__c: 'x' },
          get id(): string {
            throw new Error('no id');
          },
        };
        const numbered = { id: 5, data: { Name__c: 'y' } } as never;
        of(unreadable, numbered, order('a'))
          .pipe(publishingTo(service, scheduler).publisher(ORDERS, { onRefused: 'settle' }))
          .subscribe((result) => results.push(result));
        at(1, () => {
          const [first, second, third] = results;
          expect(first?.err && first.val)
            .to.include({ reason: 'invalid' })
            .and.have.property('eventId')
            .that.is.a('string');
          expect(second?.err && second.val).to.include({ reason: 'invalid', eventId: '5' });
          expect(third?.ok && third.val.id).to.equal('a');
        });
      });
    });

    it('fail alone, when the service refuses them', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable }) => {
        service.refuse = ({ id }) => (id === 'b' ? 'No such order.' : undefined);
        expectObservable(cold('-(abc|)').pipe(publisher())).toBe('-(abc|)', { a: 'a', b: 'b:refused', c: 'c' });
      });
    });

    it('fail alone and are not sent, when they do not fit or are too large', () => {
      inVirtualTime(({ publisher, service, expectObservable, flush }) => {
        const wrong = { id: 'wrong', data: { Nam__c: 'x', CreatedDate: 'now' } };
        const large = { id: 'large', data: { Name__c: 'x'.repeat(1_048_576) } };
        const source = of(order('a'), wrong, large, { id: 'none' }, order('b'));
        expectObservable(source.pipe(publisher())).toBe('(awlnb|)', {
          ...{ a: 'a', b: 'b', w: 'wrong:invalid', l: 'large:too-large' },
          n: 'none:invalid',
        });
        flush();
        expect(service.names()).to.deep.equal(['a', 'b']);
      });
    });

    it('fail alone and are not sent, when they cannot be read or have an id that no text can have', () => {
      inVirtualTime(({ publisher, service, expectObservable, cold }) => {
        service.topicInfo = () => cold('--(a|)').pipe(map(() => service.info()));
        const unreadable = {
          id: 'unreadable',
          data: {
            get Name__c() {
              throw new Error('not loaded');
            },
          },
        };
        const half = { id: 'half \ud83d', data: {} };
        expectObservable(of(order('a'), unreadable, half, order('b')).pipe(publisher())).toBe('--(auhb|)', {
          ...{ a: 'a', b: 'b', u: 'unreadable:invalid', h: 'half \ud83d:invalid' },
        });
      });
    });

    it('get the time, the user and an id, where they have none', () => {
      inVirtualTime(({ cold, service, scheduler, at, flush }) => {
        const { publisher } = publishingTo(service, scheduler);
        const results: PublishResult[] = [];
        const source = cold('-a---|').pipe(map(() => ({ data: { Name__c: 'x' } })));
        source.pipe(publisher<{ Name__c: string }>(ORDERS)).subscribe((result) => results.push(result));
        at(6, () => undefined);
        flush();
        const [event] = service.log;
        expect(service.read(event!)).to.deep.equal({ CreatedDate: 1, CreatedById: USER, Name__c: 'x' });
        expect(event?.id).to.match(/^[\da-f-]{36}$/);
        expect(results[0]?.unwrap()).to.deep.include({ topic: ORDERS, id: event?.id });
        expect(results[0]?.unwrap().replayId.toString()).to.equal(Buffer.from('at 1').toString('base64'));
      });
    });

    it('are all by the user of createdById, where it is given', () => {
      const createdById = '005000000000009AAA';
      const never = () => throwError(() => new Error('not asked'));
      inVirtualTime(
        ({ cold, publisher, service, flush }) => {
          cold('-a|').pipe(publisher({ createdById })).subscribe();
          flush();
          expect(service.read(service.log[0]!)).to.include({ CreatedById: createdById });
        },
        { user: never },
      );
    });

    it('fail, when nobody knows the user and they do not say it', () => {
      inVirtualTime(({ cold, service, scheduler, flush }) => {
        const { publisher } = publishingTo(service, scheduler, { user: () => of(undefined) });
        const results: PublishResult[] = [];
        const source = cold('-a|').pipe(map(() => ({ data: { Name__c: 'x' } })));
        source.pipe(publisher<object>(ORDERS)).subscribe((result) => results.push(result));
        flush();
        expect(results[0]?.val).to.be.instanceOf(PublishError).and.include({ reason: 'invalid' });
        expect((results[0]?.val as PublishError).message).to.include('give createdById');
        expect(service.log).to.be.empty;
      });
    });

    it('are too many beyond maxBuffered', () => {
      inVirtualTime(({ cold, publisher, service, at }) => {
        const errors: unknown[] = [];
        service.onRequest = () => undefined;
        const source = cold('-abc-d-');
        source.pipe(publisher({ maxBuffered: 3 })).subscribe({ error: (error: unknown) => errors.push(error) });
        at(4, () => expect(errors).to.be.empty);
        at(6, () => expect(errors[0]).to.include({ code: 'publish', reason: 'overflow' }));
      });
    });
  });

  describe('the schema', () => {
    it('is asked for once, for all publishers of a topic', () => {
      inVirtualTime(({ cold, publisher, service, flush }) => {
        for (let index = 0; index < 3; index++) cold('-a|').pipe(publisher()).subscribe();
        flush();
        expect(service.topicCalls).to.deep.equal([ORDERS]);
      });
    });

    it('is waited for, and then all go together', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable, flush }) => {
        service.topicInfo = () => cold('----(a|)').pipe(map(() => service.info()));
        expectObservable(cold('-ab-|').pipe(publisher())).toBe('----(ab|)');
        flush();
        expect(service.stream.requests).to.have.length(1);
      });
    });

    it('is asked for again, when the service could not tell it', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable }) => {
        let failures = 1;
        const info = service.topicInfo;
        service.topicInfo = () => (failures-- > 0 ? throwError(() => broken) : info());
        expectObservable(cold('-a|').pipe(publisher())).toBe('500ms (a|)');
      });
    });

    it('is none of a topic that takes no events: nothing is sent', () => {
      for (const info of [{ canPublish: false }, { schemaId: '' }]) {
        inVirtualTime(({ cold, publisher, service }) => {
          const errors: unknown[] = [];
          service.topicInfo = () => of(service.info(info));
          cold('-a-')
            .pipe(publisher())
            .subscribe({ error: (error: unknown) => errors.push(error) });
          expect(errors[0]).to.include({ code: 'publish', reason: 'not-publishable', retriable: false });
          expect(service.streams).to.be.empty;
        });
      }
    });

    it('is fetched anew when it has changed, and the events that were refused for it are sent again', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable, at, flush }) => {
        at(4, () => service.switchSchema('New__c'));
        const results = cold('-a---(bcd)-e|').pipe(publisher({ maxBatchEvents: 2 }));
        expectObservable(results).toBe('-a---(bcd)-e|');
        flush();
        expect(service.names()).to.have.members(['a', 'b', 'c', 'd', 'e']);
        expect(new Set(service.log.slice(1).map(({ schemaId }) => schemaId))).to.have.keys([service.current.id]);
      });
    });

    it('keeps results in order, while events in flight are refused for it', () => {
      inVirtualTime(({ cold, publisher, service, at, flush }) => {
        const seen: string[] = [];
        service.onRequest = (stream) => at(3, () => stream.answer());
        at(2, () => service.switchSchema('New__c'));
        const source = cold('-(abcdefgh|)');
        source.pipe(publisher({ maxBatchEvents: 2, maxInFlight: 3 })).subscribe((name) => seen.push(name));
        flush();
        expect(seen).to.deep.equal(Array.from('abcdefgh'));
        expect(service.names()).to.have.members(seen).and.have.length(8);
      });
    });

    it('is the new one for what was not sent yet', () => {
      inVirtualTime(({ cold, publisher, service, at, flush }) => {
        service.onRequest = (stream) => at(5, () => stream.answer());
        at(2, () => service.switchSchema('New__c'));
        cold('-a-(bc)---------|').pipe(publisher()).subscribe();
        flush();
        const requests = service.stream.requests.map(({ events }) => events.map(({ id }) => id).join(''));
        expect(requests).to.deep.equal(['a', 'abc']);
      });
    });

    it('is not the reason, when an event is refused with the new one too', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable, at, flush }) => {
        at(2, () => service.switchSchema('New__c'));
        service.refuse = () => 'No such order.';
        expectObservable(cold('---a|').pipe(publisher())).toBe('---x|', { x: 'a:refused' });
        flush();
        expect(service.stream.requests).to.have.length(2);
      });
    });

    it('is learnt of by a result without an error, too', () => {
      inVirtualTime(({ cold, publisher, service, at, flush }) => {
        const before = service.current.id;
        const take = service.take.bind(service);
        // A service that takes events by the schema of before.
        service.take = (request) => ({ ...take({ ...request, events: [] }), ...accept(request) });
        const accept = ({ events }: Parameters<typeof take>[0]) => {
          service.log.push(...events);
          return { results: events.map(({ id }) => ({ replayId: Buffer.from(id), error: null, correlationKey: id })) };
        };
        at(2, () => service.switchSchema('New__c'));
        cold('---a-b|').pipe(publisher()).subscribe();
        flush();
        expect(service.log.map(({ schemaId }) => schemaId)).to.deep.equal([before, service.current.id]);
      });
    });
  });
});
