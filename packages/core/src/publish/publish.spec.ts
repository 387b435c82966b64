import { expect } from 'chai';
import { map, NEVER, Observable, of, throwError, timer } from 'rxjs';
import { FakePublishService, ORDERS, publishingTo } from '../../test/support/fake-publish-service.js';
import { hold } from '../delivery/hold.js';
import { ConfigurationError, ConnectionError, ThrottledError } from '../model/errors.js';
import { delivered } from '../testing/delivered.js';
import { runMarbles, type MarbleHelpers } from '../testing/run-marbles.js';
import type { PublishContext, Publishing } from './publishing.js';
import type { PublishResult } from './publish-result.js';

interface Order {
  readonly Name__c: string | null;
  readonly CreatedDate: number;
}

const order = (name: string) => ({ id: name, data: { Name__c: name } });
const slower = new ThrottledError('Slower.', { retriable: true, grpcStatus: 8 });
const broken = new ConnectionError('The connection broke.', { grpcStatus: 14 });
const short = (result: PublishResult) =>
  result.ok ? result.val.id : `${result.val.eventId ?? ''}:${result.val.reason}`;

function inVirtualTime(
  test: (helpers: MarbleHelpers & { service: FakePublishService; publish: Publishing['publish'] }) => void,
  context: Partial<PublishContext> = {},
): void {
  runMarbles((helpers) => {
    const service = new FakePublishService();
    const { publish } = publishingTo(service, helpers.scheduler, context);
    test({ ...helpers, service, publish });
    helpers.flush();
  });
}

describe('publish', () => {
  it('publishes nothing before it is subscribed to, and once for each subscription', () => {
    inVirtualTime(({ service, publish }) => {
      const results = publish<Order>(ORDERS, order('a'));
      expect(service.topicCalls).to.be.empty;
      results.subscribe();
      results.subscribe();
      expect(service.names()).to.deep.equal(['a', 'a']);
    });
  });

  it('emits one result for one event, and completes', () => {
    inVirtualTime(({ service, publish, expectObservable }) => {
      service.onCall = (request) => timer(3).pipe(map(() => service.take(request)));
      expectObservable(publish(ORDERS, order('a')).pipe(map(short))).toBe('---(a|)');
    });
  });

  it('completes at once without events', () => {
    inVirtualTime(({ publish, expectObservable, service }) => {
      expectObservable(publish(ORDERS, [])).toBe('|');
      expect(service.calls).to.be.empty;
    });
  });

  it('publishes many in full requests, one after the other, with results in order', () => {
    inVirtualTime(({ service, publish, flush }) => {
      let open = 0;
      service.onCall = (request) => {
        expect(++open).to.equal(1);
        return timer(3).pipe(map(() => (open--, service.take(request))));
      };
      const names = Array.from({ length: 450 }, (_, index) => String(index));
      const seen: string[] = [];
      publish(ORDERS, names.map(order)).subscribe((result) => seen.push(short(result)));
      flush();
      expect(service.calls.map(({ events }) => events.length)).to.deep.equal([200, 200, 50]);
      expect(seen).to.deep.equal(names);
      expect(service.streams).to.be.empty;
    });
  });

  it('waits and tries again, when the service asks for less', () => {
    inVirtualTime(({ service, publish, expectObservable }) => {
      let refusals = 2;
      service.onCall = (request) => (refusals-- > 0 ? throwError(() => slower) : of(service.take(request)));
      expectObservable(publish(ORDERS, order('a'), { onUnknown: 'fail' }).pipe(map(short))).toBe('15s (a|)');
    });
  });

  it('sends again by default, and not with onUnknown fail, what may be published', () => {
    for (const onUnknown of ['resend', 'fail'] as const) {
      inVirtualTime(({ service, publish, expectObservable }) => {
        service.onCall = (request) => {
          service.take(request);
          return service.calls.length > 1 ? of(service.take(request)) : throwError(() => broken);
        };
        const expected = onUnknown === 'resend' ? ['500ms (a|)', { a: 'a' }] : ['(a|)', { a: 'a:unknown' }];
        expectObservable(publish(ORDERS, order('a'), { onUnknown }).pipe(map(short))).toBe(
          ...(expected as [string, object]),
        );
      });
    }
  });

  it('gives up after 5 failures, with the last error', () => {
    inVirtualTime(({ service, publish, expectObservable, flush }) => {
      service.onCall = () => throwError(() => broken);
      expectObservable(publish(ORDERS, order('a'))).toBe('7500ms #', undefined, broken);
      flush();
      expect(service.calls).to.have.length(5);
    });
  });

  it('gives results for some and errors for others, side by side', () => {
    inVirtualTime(({ service, publish, expectObservable }) => {
      service.refuse = ({ id }) => (id === 'c' ? 'No.' : undefined);
      const events = [order('a'), { id: 'b', data: { Wrong__c: 1 } }, order('c'), order('d')];
      expectObservable(publish(ORDERS, events).pipe(map(short))).toBe('(abcd|)', {
        ...{ a: 'a', b: 'b:invalid', c: 'c:refused', d: 'd' },
      });
    });
  });

  it('cancels its call, when unsubscribed', () => {
    inVirtualTime(({ service, publish }) => {
      let cancelled = false;
      service.onCall = () => new Observable(() => () => (cancelled = true));
      publish(ORDERS, order('a')).subscribe().unsubscribe();
      expect(cancelled).to.equal(true);
    });
  });

  it('leaves the delivery alone in whose scope it is subscribed to', () => {
    inVirtualTime(({ service, publish, cold, scheduler, flush }) => {
      service.onCall = () => NEVER;
      const source = delivered(cold('-a|'), scheduler);
      source.values.subscribe((value) => {
        const held = hold(value);
        publish(ORDERS, order('a')).subscribe().unsubscribe();
        held.release();
      });
      flush();
      expect(source.unsettled()).to.deep.equal([]);
    });
  });

  it('refuses a topic of changes, and unknown options, at the call', () => {
    inVirtualTime(({ publish }) => {
      expect(() => publish('/data/AccountChangeEvent', order('a'))).to.throw(ConfigurationError);
      expect(() => publish(ORDERS, order('a'), { retries: 1 } as never)).to.throw(ConfigurationError, /retries/);
    });
  });

  it('takes the types of the payload, with dates', () => {
    inVirtualTime(({ publish, service }) => {
      publish<Order>(ORDERS, { data: { Name__c: null, CreatedDate: new Date(5) } }).subscribe();
      // @ts-expect-error -- there is no such field
      publish<Order>(ORDERS, { data: { Nam__c: 'x' } }).subscribe();
      // @ts-expect-error -- a text is no number
      publish<Order>(ORDERS, { data: { CreatedDate: 'x' } }).subscribe();
      // @ts-expect-error -- the fields go into data
      publish<Order>(ORDERS, { Name__c: 'x' }).subscribe();
      expect(service.log).to.have.length(1);
    });
  });
});
