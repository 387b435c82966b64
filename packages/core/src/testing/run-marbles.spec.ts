import { expect } from 'chai';
import { TestScheduler } from 'rxjs/testing';
import { rejection } from '../../test/support/rejection.js';
import { ConfigurationError, ClientClosedError } from '../model/errors.js';
import { delivered } from './delivered.js';
import { fakeClient } from './fake-client.js';
import { runMarbles } from './run-marbles.js';
import { events } from '../../test/support/tested-events.js';

describe('runMarbles', () => {
  it('fails, when something is settled at another time than expected', () => {
    const test = () =>
      runMarbles(({ cold, fakeClient, expectSettled }) => {
        const client = fakeClient({ Lead: cold('-a', events) });
        client.changes('Lead').subscribe();
        expectSettled(client.settled$('Lead')).toBe('--a', events);
      });
    expect(test).to.throw('The marbles differ');
  });

  it('takes a source of deliveries for expectSettled', () => {
    runMarbles(({ cold, scheduler, expectSettled }) => {
      const source = delivered(cold('a-b'), scheduler);
      expectSettled(source).toBe('a-b');
      source.values.subscribe();
    });
  });

  describe('fetch()', () => {
    it('is answered as the test says, with JSON or a response', async () => {
      const client = fakeClient({}, new TestScheduler(() => undefined));
      const asked: unknown[] = [];
      client.answerFetch((path, request) => (asked.push([path, request]), { Id: '001' }));
      expect(await (await client.fetch('/a', { method: 'POST' })).json()).to.deep.equal({ Id: '001' });
      client.answerFetch(() => Promise.resolve(new Response(null, { status: 204 })));
      expect((await client.fetch('/b')).status).to.equal(204);
      expect(asked).to.deep.equal([['/a', { method: 'POST' }]]);
    });

    it('rejects without an answer, with the error of one, and after close()', async () => {
      const client = fakeClient({}, new TestScheduler(() => undefined));
      expect(await rejection(client.fetch('/a'))).to.be.instanceOf(ConfigurationError);
      const error = new Error('down');
      client.answerFetch(() => {
        throw error;
      });
      expect(await rejection(client.fetch('/a'))).to.equal(error);
      client.close();
      expect(await rejection(client.fetch('/a'))).to.be.instanceOf(ClientClosedError);
    });
  });

  it('has a state, with the subscriptions as they are', () => {
    runMarbles(({ cold, scheduler }) => {
      const client = fakeClient({ Account: cold('----|') }, scheduler);
      expect(client.state()).to.deep.include({ state: 'open', subscriptions: [] });
      client.changes('Account').subscribe();
      const [state] = client.state().subscriptions;
      expect(state).to.deep.include({ topic: '/data/AccountChangeEvent', subscription: 1, state: 'live' });
      client.close();
      expect(client.state()).to.deep.include({ state: 'closed', subscriptions: [] });
    });
  });
});
