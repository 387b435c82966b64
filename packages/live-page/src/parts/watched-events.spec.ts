import { expect } from 'chai';
import { EMPTY, NEVER, throwError, type Observable } from 'rxjs';
import { changeEvent, delivered, platformEvent, runMarbles } from '@rxforce/core/testing';
import { handle } from '@rxforce/operators';
import { WatchedEvents } from './watched-events.js';

const a = changeEvent({ data: { Name: 'Abel', AnnualRevenue: 5n as never }, commitTimestamp: 7 });
const b = platformEvent('/event/Order__e', { Number__c: '1' });

interface Turn {
  readonly events: readonly { readonly id: string }[];
  readonly leftOut: number;
}

describe('WatchedEvents', () => {
  const watched = (showsValues = false) => new WatchedEvents(showsValues, () => 9);
  const nextOf = (feed: { next(): unknown }) => feed.next() as Turn;

  it('passes everything on and holds nothing, while somebody looks', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions, expectSettled, scheduler }) => {
      const events = watched();
      events.feed(undefined);
      const marbles = cold('-a-b--|', { a, b });
      const source = delivered(marbles, scheduler);
      expectObservable(
        source.values.pipe(
          events.watching(),
          handle(() => undefined),
        ),
      ).toBe('------|');
      expectSettled(source).toBe('-a-b---', { a, b });
      expectSubscriptions(marbles.subscriptions).toBe('^-----!');
    });
  });

  it('ends as its source does, and leaves it when it is left', () => {
    runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const see = (source: Observable<unknown>) => source.pipe(watched().watching());
      expectObservable(see(EMPTY)).toBe('|');
      expectObservable(see(NEVER)).toBe('-');
      const failure = new Error('x');
      expectObservable(see(throwError(() => failure))).toBe('#', undefined, failure);
      const source = hot('-a-', { a });
      expectObservable(see(source), '^--!').toBe('-a-', { a });
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  it('shows what an event is without its values, unless they may be shown', () => {
    for (const showsValues of [false, true]) {
      runMarbles(({ cold, flush }) => {
        const events = watched(showsValues);
        const feed = events.feed(undefined);
        cold('(ab|)', { a, b }).pipe(events.watching()).subscribe();
        flush();
        const [change, event] = nextOf(feed).events;
        expect(change).to.deep.equal({
          ...{ id: a.id, topic: a.topic, replayId: a.replayId.toString(), seenAt: 9, bytes: null },
          ...{ type: 'CREATE', entity: 'Account', recordIds: a.header.recordIds, changedFields: [], committedAt: 7 },
          ...(showsValues && { values: { Name: 'Abel', AnnualRevenue: '5' } }),
        });
        expect(event).to.include({ type: 'EVENT', entity: null, committedAt: null, topic: '/event/Order__e' });
      });
    }
  });

  it('shows only the topic that is asked for, and each event once', () => {
    runMarbles(({ cold, flush }) => {
      const events = watched();
      const feed = events.feed('/event/Order__e');
      cold('(ab|)', { a, b }).pipe(events.watching()).subscribe();
      flush();
      expect(nextOf(feed).events.map(({ id }) => id)).to.deep.equal([b.id]);
      expect(nextOf(feed)).to.deep.equal({ events: [], leftOut: 0 });
    });
  });

  it('leaves out the oldest, and says how many, when more than 200 come between two turns', () => {
    runMarbles(({ cold, flush }) => {
      const events = watched();
      const feed = events.feed(undefined);
      const many = Array.from({ length: 203 }, (_, index) => changeEvent({ id: `n${index}` }));
      for (const event of many) cold('(a|)', { a: event }).pipe(events.watching()).subscribe();
      flush();
      const turn = nextOf(feed);
      expect([turn.events.length, turn.events[0]?.id, turn.leftOut]).to.deep.equal([200, 'n3', 3]);
    });
  });

  it('keeps nothing before somebody looks, nor after he has left, and minds no value that is no event', () => {
    runMarbles(({ cold, flush }) => {
      const events = watched();
      cold('a', { a }).pipe(events.watching()).subscribe();
      flush();
      const feed = events.feed(undefined);
      expect(nextOf(feed).events).to.deep.equal([]);
      cold('(xyz|)', { x: [a], y: undefined, z: 5 })
        .pipe(events.watching())
        .subscribe();
      flush();
      expect(nextOf(feed).events).to.deep.equal([]);
      feed.close?.();
      cold('a', { a }).pipe(events.watching()).subscribe();
      flush();
      expect(nextOf(feed).events).to.deep.equal([]);
    });
  });
});
