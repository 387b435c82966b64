import { expect } from 'chai';
import { take, takeUntil, timer } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import type { ChangeEvent, PubSubClient } from '@rxforce/core';
import { deliveryOf } from '@rxforce/core/delivery';
import { runMarbles, type FakeClient } from '@rxforce/core/testing';
import { keep } from '../../test/support/keep.js';
import { mergeOrgs, type MergedOrgs, type OfOrg } from './merge-orgs.js';
import { events, quiet, unreachable } from '../../test/support/merged-orgs.js';

const changesOf = (client: PubSubClient) => client.changes('Account');

/** Two clients of a test, and their events merged. */
const withOrgs = (
  emea: string,
  amer: string,
  test: (
    orgs: { emea: FakeClient; amer: FakeClient; events$: MergedOrgs<ChangeEvent, 'emea' | 'amer'> },
    helpers: Parameters<Parameters<typeof runMarbles>[0]>[0] & { scheduler: TestScheduler },
  ) => void,
) =>
  runMarbles((helpers) => {
    const { cold, fakeClient } = helpers;
    const clients = {
      emea: fakeClient({ Account: cold(emea, events, unreachable) }),
      amer: fakeClient({ Account: cold(amer, events) }),
    };
    test({ ...clients, events$: mergeOrgs(clients, changesOf, quiet) }, helpers);
  });

/** Holds each event for a time, as `handle()` does. */
const work = (scheduler: TestScheduler, ms: number) =>
  keep<OfOrg<ChangeEvent>>((_event, held) => void scheduler.schedule(() => held.release(), ms));

describe('Merged orgs, with the deliveries of each', () => {
  it('settle an event when the work on it is done, whichever org it is of', () => {
    withOrgs('-a---b', '--x', ({ emea, amer, events$ }, { scheduler, expectSettled }) => {
      events$.pipe(work(scheduler, 3)).subscribe();
      expectSettled(emea.settled$('Account')).toBe('----a---b', events);
      expectSettled(amer.settled$('Account')).toBe('-----x', events);
    });
  });

  it('settle what is passed on within the call', () => {
    withOrgs('-a-b', '--x', ({ emea, amer, events$ }, { expectSettled }) => {
      events$.subscribe();
      expectSettled(emea.settled$('Account')).toBe('-a-b', events);
      expectSettled(amer.settled$('Account')).toBe('--x', events);
    });
  });

  it('do not settle the event that closes what follows', () => {
    withOrgs('-a-b', '--x', ({ emea, amer, events$ }, { flush }) => {
      events$.pipe(take(2)).subscribe();
      flush();
      expect(emea.deliveries('Account').unsettled()).to.deep.equal([]);
      expect(amer.deliveries('Account').unsettled()).to.deep.equal([events.x]);
    });
  });

  it('settle nothing that is in work when they are unsubscribed', () => {
    withOrgs('-a', '--x', ({ emea, amer, events$ }, { flush, scheduler }) => {
      events$.pipe(work(scheduler, 30), takeUntil(timer(5, scheduler))).subscribe();
      flush();
      expect(emea.deliveries('Account').unsettled()).to.deep.equal([events.a]);
      expect(amer.deliveries('Account').unsettled()).to.deep.equal([events.x]);
    });
  });

  it('settle what an org that failed had handed out, when the work on it is done', () => {
    withOrgs('-a-#', '----x-y', ({ emea, amer, events$ }, { scheduler, expectSettled }) => {
      events$.pipe(work(scheduler, 5)).subscribe();
      expectSettled(emea.settled$('Account')).toBe('------a', events);
      expectSettled(amer.settled$('Account')).toBe('---------x-y', events);
    });
  });

  it('carry the delivery of the event that they are a copy of', () => {
    withOrgs('-a', '-', ({ events$ }, { flush }) => {
      const outside: unknown[] = [];
      const inScope: unknown[] = [];
      events$.pipe(keep((event, held) => inScope.push([held.delivery(), deliveryOf(event)]))).subscribe();
      events$.subscribe((event) => outside.push(deliveryOf(event)));
      flush();
      const [[delivery, carried]] = inScope as [[unknown, unknown]];
      expect(delivery).to.be.an('object');
      expect(carried).to.equal(delivery);
      expect(outside[0]).to.be.an('object').and.not.equal(delivery);
    });
  });

  it('end the org alone whose work failed, where only its hold tells', () => {
    withOrgs('-a-b', '--x--y', ({ amer, events$ }, { flush }) => {
      const failures: string[] = [];
      events$.status$.subscribe((status) => status.type === 'orgFailed' && failures.push(status.error.code));
      const fail = keep<OfOrg<ChangeEvent>>((event, held) => {
        if (event.org === 'emea') held.fail(new Error('no'));
        else held.release();
      });
      events$.pipe(fail).subscribe();
      flush();
      expect(failures).to.deep.equal(['delivery-failed']);
      expect(amer.deliveries('Account').unsettled()).to.deep.equal([]);
    });
  });
});
