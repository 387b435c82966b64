import { expect } from 'chai';
import { bufferCount, concatMap, delay, map, merge, NEVER, of, retry, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { Hold } from '../delivery/delivery.js';
import { hold } from '../delivery/hold.js';
import { ConfigurationError, PublishError, ClientClosedError, type RxforceError } from '../model/errors.js';
import { Err } from '../model/result.js';
import { platformEvent } from './change-event.js';
import { delivered } from './delivered.js';
import { fakeClient } from './fake-client.js';
import { runMarbles } from './run-marbles.js';
import { events } from '../../test/support/tested-events.js';

describe('fakeClient', () => {
  it('delivers what the test made, under an entity or its topic', () => {
    runMarbles(({ cold, fakeClient, expectObservable, expectSettled }) => {
      const client = fakeClient({ Lead: cold('-a-b|', events) });
      expectObservable(client.changes('/data/LeadChangeEvent')).toBe('-a-b|', events);
      expectSettled(client.settled$('Lead')).toBe('-a-b', events);
    });
  });

  it('delivers platform events', () => {
    const values = { o: platformEvent('/event/Order__e', { Number__c: 1 }) };
    runMarbles(({ cold, fakeClient, expectObservable }) => {
      expectObservable(fakeClient({ '/event/Order__e': cold('-o', values) }).events('/event/Order__e')).toBe(
        '-o',
        values,
      );
    });
  });

  it('delivers the events of a managed subscription, under its name', () => {
    runMarbles(({ cold, fakeClient, expectObservable, expectSettled }) => {
      const client = fakeClient({ 'managed:Lead_Sync': cold('-a-b|', events) });
      expectObservable(client.managed('Lead_Sync')).toBe('-a-b|', events);
      expectSettled(client.settled$('managed:Lead_Sync')).toBe('-a-b', events);
      expect(() => client.managed('Other')).to.throw(ConfigurationError, 'managed:Lead_Sync');
      expect(() => client.managed('Lead_Sync', { replay: 'latest' } as object)).to.throw(ConfigurationError, 'replay');
      expect(() => fakeClient({ 'managed:': NEVER })).to.throw(ConfigurationError, 'names no managed subscription');
    });
  });

  it('has a state, with its subscriptions that are not over', () => {
    runMarbles(({ cold, fakeClient, scheduler, flush }) => {
      const client = fakeClient({ Lead: cold('-a--', events), Account: cold('---|') });
      client.changes('Account').subscribe();
      const held: Hold[] = [];
      client.changes('Lead', { window: 10 }).subscribe((event) => held.push(hold(event)));
      const look = () => client.state().subscriptions.map(({ topic, subscription }) => [topic, subscription]);
      const [account, lead] = ['/data/AccountChangeEvent', '/data/LeadChangeEvent'];
      scheduler.schedule(() => {
        expect(look()).to.have.deep.members([
          [account, 1],
          [lead, 2],
        ]);
      }, 2);
      scheduler.schedule(() => {
        expect(look()).to.deep.equal([[lead, 2]]);
        expect(client.state().subscriptions[0]!.window).to.deep.include({ unsettled: 1, window: 10 });
        client.close();
        expect(client.state()).to.deep.include({ at: 5, state: 'closed', subscriptions: [] });
      }, 5);
      flush();
    });
  });

  it('publishes at once, and tells what it was given', () => {
    runMarbles(({ cold, fakeClient, expectObservable, flush }) => {
      const client = fakeClient({ Lead: cold('-a-b|', events) });
      const refused = Err(new PublishError('refused', 'no', { eventId: 'b' }));
      client.answerPublish((_topic, { id }) => (id === 'b' ? refused : undefined));
      const inputs = client.changes<{ Name: string }>('Lead').pipe(
        map(({ data }) => ({ id: data.Name ?? '', data: { Name__c: data.Name } })),
        client.publisher('/event/Order__e', { onRefused: 'settle' }),
        map((result) => (result.ok ? result.val.id : result.val.code)),
      );
      expectObservable(inputs).toBe('-a-b|', { a: 'a', b: 'publish' });
      const results = client.publish('/event/Other__e', [{ data: {} }, { data: {} }]);
      expectObservable(results.pipe(map(({ ok }) => ok))).toBe('(tt|)', { t: true });
      flush();
      expect(client.published('/event/Order__e').map(({ id }) => id)).to.deep.equal(['a', 'b']);
      expect(client.published('/event/Other__e')).to.have.length(2);
      expect(() => client.publish('Lead', [])).to.throw(ConfigurationError, 'cannot be published to');
    });
  });

  it('publishes one event as a promise, or rejects with its error, as a client does', async () => {
    const client = fakeClient({}, new TestScheduler(() => undefined));
    const refused = new PublishError('refused', 'no');
    client.answerPublish((_topic, { id }) => (id === 'b' ? Err(refused) : undefined));
    expect(await client.publishNow('Order__e', { id: 'a', data: {} })).to.include({
      topic: '/event/Order__e',
      id: 'a',
    });
    expect(await client.publishNow('Order__e', { id: 'b', data: {} }).catch((thrown: unknown) => thrown)).to.equal(
      refused,
    );
    const awaited = client.publish('Order__e', { id: 'c', data: {} }) as unknown as Promise<unknown>;
    expect(await awaited.then(null, (thrown: unknown) => thrown)).to.be.instanceOf(ConfigurationError);
    expect(client.published('Order__e').map(({ id }) => id)).to.deep.equal(['a', 'b']);
  });

  it('fails an event that is not published, where nobody takes the result', () => {
    runMarbles(({ cold, fakeClient, flush }) => {
      const client = fakeClient({ Lead: cold('-a-b-c|', events) });
      client.answerPublish((_topic, { id }) => (id === 'b' ? Err(new PublishError('refused', 'No.')) : undefined));
      let error: unknown;
      client
        .changes<{ Name: string }>('Lead')
        .pipe(
          map(({ data }) => ({ id: data.Name ?? '', data: {} })),
          client.publisher('/event/Order__e'),
        )
        .subscribe({ error: (thrown: unknown) => (error = thrown) });
      flush();
      expect(error).to.include({ code: 'delivery-failed' });
      expect(client.deliveries('Lead').watermark()).to.deep.equal(events.a);
    });
  });

  it('tells what is settled, and when, and what is not', () => {
    runMarbles(({ cold, fakeClient, expectSettled, scheduler, flush }) => {
      const client = fakeClient({ Lead: cold('(abc)', events) });
      const work = { a: 5, b: 2, c: Infinity };
      client.changes<{ Name: 'a' | 'b' | 'c' }>('Lead').subscribe((event) => {
        const held = hold(event);
        const ms = work[event.data.Name ?? 'c'];
        if (ms !== Infinity) scheduler.schedule(() => held.release(), ms);
      });
      expectSettled(client.settled$('Lead')).toBe('--b--a', events);
      flush();
      expect(client.deliveries('Lead').unsettled()).to.deep.equal([events.c]);
      expect(client.deliveries('Lead').watermark()).to.deep.equal(events.b);
    });
  });

  it('keeps the subscriptions of a topic apart, and says when there was none', () => {
    runMarbles(({ cold, fakeClient, flush }) => {
      const client = fakeClient({ Lead: cold('-a', events) });
      expect(() => client.deliveries('Lead')).to.throw(ConfigurationError, '0 so far');
      client.changes('Lead').subscribe();
      client.changes('Lead').subscribe((event) => void hold(event));
      flush();
      expect(client.deliveries('Lead').unsettled()).to.deep.equal([]);
      expect(client.deliveries('Lead', 2).unsettled()).to.deep.equal([events.a]);
    });
  });

  it('subscribes again after an error, as a client does', () => {
    runMarbles(({ cold, fakeClient, expectObservable }) => {
      const client = fakeClient({ Lead: merge(cold('-a-|', events), cold('--#') as Observable<never>) });
      expectObservable(client.changes('Lead').pipe(retry(1))).toBe('-a-a#', events);
    });
  });

  it('tells that an event came to an operator too late', () => {
    runMarbles(({ cold, fakeClient, flush }) => {
      const client = fakeClient({ Lead: cold('-a', events) });
      const errors: unknown[] = [];
      const late = (earlySettlement: 'error' | 'warn') =>
        client
          .changes('Lead', { earlySettlement })
          .pipe(concatMap((event) => of(event).pipe(delay(1))))
          .subscribe({ next: (event) => hold(event).release(), error: (error: unknown) => errors.push(error) });
      late('error');
      late('warn');
      flush();
      const told = [{ value: events.a, beside: 'alone' }];
      expect(client.deliveries('Lead').settledEarly).to.deep.equal(told);
      expect(client.deliveries('Lead', 2).settledEarly).to.deep.equal(told);
      expect(errors.map((error) => (error as RxforceError).code)).to.deep.equal(['settled-early']);
    });
  });

  it('has a window, and lets collected events go when it is full of them', () => {
    const flushedAt: number[] = [];
    runMarbles(({ cold, fakeClient, scheduler }) => {
      const client = fakeClient({ Lead: cold('-a---b--c', events) });
      let kept: Hold[] = [];
      const flush = () => {
        flushedAt.push(scheduler.now());
        kept.forEach((held) => held.release());
        kept = [];
      };
      client.changes('Lead', { window: 2 }).subscribe((event) => {
        const held = hold(event);
        held.onPressure(flush);
        kept.push(held);
      });
    });
    expect(flushedAt).to.deep.equal([5]);
  });

  it('refuses the options that a client refuses, and topics that the test did not make', () => {
    runMarbles(({ fakeClient }) => {
      const client = fakeClient({ Lead: NEVER });
      expect(() => client.changes('Lead', { window: 0 })).to.throw(ConfigurationError);
      expect(() => client.changes('Account')).to.throw(ConfigurationError, '/data/LeadChangeEvent');
      expect(() => client.events('/event/Order__e')).to.throw(ConfigurationError);
      expect(() => fakeClient({ 'no entity': NEVER })).to.throw(ConfigurationError);
    });
  });

  it('says of a topic what a client says, and knows no schemas', () => {
    runMarbles(({ fakeClient, expectObservable }) => {
      const client = fakeClient({ Lead: NEVER, '/event/Order__e': NEVER });
      const told = merge(client.topic('Lead'), client.topic('/event/Order__e')).pipe(
        map(({ canPublish }) => canPublish),
      );
      expectObservable(told).toBe('(fp|)', { f: false, p: true });
      const codes: unknown[] = [];
      client.schema('x').subscribe({ error: (error: unknown) => codes.push((error as RxforceError).code) });
      expect(codes).to.deep.equal(['configuration']);
    });
  });

  it('completes its subscriptions when it is closed, and makes no more', () => {
    runMarbles(({ cold, fakeClient, expectObservable, scheduler }) => {
      const client = fakeClient({ Lead: cold('-a-b-c', events) });
      scheduler.schedule(() => client.close(), 4);
      expectObservable(merge(client.changes('Lead'), client.status$)).toBe('-a-b|', events);
      expectObservable(client.changes('Lead'), '-----^').toBe('-----#', {}, closedError());
    });
  });

  it('reports what is in work when it is drained', async () => {
    let report: Promise<{ unsettled: number }> | undefined;
    runMarbles(({ cold, fakeClient, flush }) => {
      const client = fakeClient({ Lead: cold('-a-b', events) });
      client.changes('Lead').subscribe((event) => void hold(event));
      flush();
      report = client.drain();
    });
    expect((await report)?.unsettled).to.equal(2);
  });
});

/** What a closed client errors with. */
function closedError(): RxforceError {
  return new ClientClosedError('The client was closed. Make another one with createClient().');
}

describe('delivered', () => {
  it('carries the delivery in events, where nobody sees it', () => {
    runMarbles(({ cold, scheduler, flush }) => {
      const source = delivered(cold('-a-b', events), scheduler);
      const seen: unknown[] = [];
      source.values.pipe(bufferCount(2)).subscribe((batch) => {
        seen.push(...batch);
        hold(batch).release();
      });
      flush();
      expect(seen).to.deep.equal([events.a, events.b]);
      expect(source.settledEarly.map(({ beside }) => beside)).to.deep.equal(['among-others']);
    });
  });

  it('passes values that are no events on as they are', () => {
    const value = { plain: true };
    runMarbles(({ cold, scheduler, flush }) => {
      const seen: unknown[] = [];
      delivered(cold('v', { v: value }), scheduler).values.subscribe((each) => seen.push(each));
      flush();
      expect(seen[0]).to.equal(value);
    });
  });
});
