import { expect } from 'chai';
import { EMPTY, map, NEVER, of, retry, take, tap, throwError, timer, toArray, type Observable } from 'rxjs';
import type { ChangeEvent, PubSubClient, Result } from '@rxforce/core';
import { RxforceError } from '@rxforce/core/model';
import { changeEvent, runMarbles, type FakeClient } from '@rxforce/core/testing';
import { mergeOrgs, type MergedOrgs, type MergeOrgsOptions, type OfOrg, type OrgStatus } from './merge-orgs.js';
import { OrgsFailedError, type OrgFailure } from '../model/errors.js';
import { events, failedWith, merged, quiet, refused, source, unreachable } from '../../test/support/merged-orgs.js';

/** The same with their orgs: a, b and c are of `emea`, x and y of `amer`. */
const tagged = {
  a: { ...events.a, org: 'emea' },
  b: { ...events.b, org: 'emea' },
  c: { ...events.c, org: 'emea' },
  x: { ...events.x, org: 'amer' },
  y: { ...events.y, org: 'amer' },
};

describe('mergeOrgs', () => {
  const cases: [string, string, string, string, string, string][] = [
    ['never', '---', '----', '----', '^', '^'],
    ['nothing from either', '-|', '---|', '---|', '^!', '^--!'],
    ['one from one', '-a-|', '|', '-a-|', '^--!', '(^!)'],
    ['many', '-a-b-c|', '--x-y---|', '-axbyc--|', '^-----!', '^-------!'],
    ['many at once', '-(abc)-|', '-(xy)---|', '-(abcxy)|', '^------!', '^-------!'],
  ];
  for (const [what, emea, amer, result, emeaSubscribed, amerSubscribed] of cases) {
    it(`emits what comes of each, with its org, given ${what}`, () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const sources = { emea: cold(emea, events), amer: cold(amer, events) };
        expectObservable(merged(sources)).toBe(result, tagged);
        expectSubscriptions(sources.emea.subscriptions).toBe(emeaSubscribed);
        expectSubscriptions(sources.amer.subscriptions).toBe(amerSubscribed);
      });
    });
  }

  it('unsubscribes all, when it is unsubscribed', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const sources = { emea: cold('-a-b-c', events), amer: cold('--x-y-', events) };
      expectObservable(merged(sources), '^---!').toBe('-axb', tagged);
      expectSubscriptions(sources.emea.subscriptions).toBe('^---!');
      expectSubscriptions(sources.amer.subscriptions).toBe('^---!');
    });
  });

  it('unsubscribes all, when what follows has enough', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const sources = { emea: cold('-a-b-c', events), amer: cold('--x-y-', events) };
      expectObservable(merged(sources).pipe(take(2))).toBe('-a(x|)', tagged);
      expectSubscriptions(sources.emea.subscriptions).toBe('^-!');
      expectSubscriptions(sources.amer.subscriptions).toBe('^-!');
    });
  });

  it('subscribes to no other, when the first one is enough', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const amer = cold('-x', events);
      expectObservable(merged({ emea: of(events.a), amer }).pipe(take(1))).toBe('(a|)', tagged);
      expectSubscriptions(amer.subscriptions).toBe([]);
    });
  });

  it('goes on with the others, when one fails, and errors when they are over', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const sources = { emea: cold('-a-#', events, refused), amer: cold('--x--y-|', events) };
      const error = failedWith({ org: 'emea', error: refused });
      expectObservable(merged(sources)).toBe('-ax--y-#', tagged, error);
      expectSubscriptions(sources.emea.subscriptions).toBe('^--!');
      expectSubscriptions(sources.amer.subscriptions).toBe('^------!');
    });
  });

  it('errors at once, when the last one fails', () => {
    runMarbles(({ cold, expectObservable }) => {
      const sources = { emea: cold('-a-#', events, refused), amer: cold('--x--#', events, unreachable) };
      const error = failedWith({ org: 'emea', error: refused }, { org: 'amer', error: unreachable });
      expectObservable(merged(sources)).toBe('-ax--#', tagged, error);
    });
  });

  it('emits nothing more than the error, when all fail as they are subscribed to', () => {
    runMarbles(({ expectObservable }) => {
      const error = failedWith({ org: 'emea', error: refused });
      expectObservable(merged({ emea: throwError(() => refused) })).toBe('#', tagged, error);
    });
  });

  it('begins each subscription without the failures of the one before', () => {
    runMarbles(({ cold, expectObservable }) => {
      let subscriptions = 0;
      const emea = cold('-a-#', events, unreachable);
      const flaky = { emea: emea.pipe(tap({ subscribe: () => subscriptions++ })), amer: cold('--|', events) };
      const events$ = merged(flaky).pipe(retry(1));
      const error = failedWith({ org: 'emea', error: unreachable });
      expectObservable(events$).toBe('-a--a-#', tagged, error);
      expectObservable(timer(10).pipe(map(() => subscriptions))).toBe('----------(n|)', { n: 2 });
    });
  });

  it('lets one org try again, by a retry of its own', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const sources = { emea: cold('-a#', events, unreachable), amer: cold('---x----|', events) };
      const clients = { emea: source(sources.emea), amer: source(sources.amer) };
      const options = { onOrgFailed: () => expect.fail('It did not fail.') };
      const events$ = mergeOrgs(clients, ({ events$ }) => events$.pipe(retry({ delay: 3 })), options);
      expectObservable(events$, '^-----------!').toBe('-a-x--a----a', tagged);
      expectSubscriptions(sources.emea.subscriptions).toBe(['^-!', '-----^-!', '----------^-!']);
      expectSubscriptions(sources.amer.subscriptions).toBe('^-------!');
    });
  });

  it('tells of a failure at once: to the logger, the callback and status$', () => {
    runMarbles(({ cold, expectObservable, flush, scheduler }) => {
      const told: unknown[] = [];
      const options: MergeOrgsOptions = {
        logger: { warn: (message) => told.push([scheduler.now(), message]) },
        onOrgFailed: (failure) => told.push([scheduler.now(), failure]),
      };
      const failure = { org: 'emea', error: refused };
      const events$ = merged({ emea: cold('-a-#', events, refused), amer: cold('-------|') }, options);
      expectObservable(events$.status$).toBe('---f', { f: { type: 'orgFailed', ...failure } });
      expectObservable(events$).toBe('-a-----#', tagged, failedWith(failure));
      flush();
      expect(told).to.deep.equal([
        [3, 'The events of emea have failed; other orgs go on. The login was refused.'],
        [3, failure],
      ]);
    });
  });

  it('does not say that others go on, when none does', () => {
    const warnings: string[] = [];
    const events$ = merged(
      { emea: throwError(() => refused), amer: EMPTY, apac: throwError(() => unreachable) },
      { logger: { warn: (message) => warnings.push(message) } },
    );
    events$.subscribe({ error: () => undefined });
    expect(warnings).to.deep.equal([
      'The events of emea have failed; other orgs go on. The login was refused.',
      'The events of apac have failed; no other org goes on. The org cannot be reached.',
    ]);
  });

  it('goes on, when the logger throws', () => {
    const { warn } = console;
    const warnings: unknown[] = [];
    console.warn = (message) => warnings.push(message);
    try {
      const logger = {
        warn: () => {
          throw new Error('disk full');
        },
      };
      const seen: unknown[] = [];
      merged({ emea: throwError(() => refused), amer: of(events.x) }, { logger }).subscribe({
        next: ({ org }) => seen.push(org),
        error: () => undefined,
      });
      expect(seen).to.deep.equal(['amer']);
    } finally {
      console.warn = warn;
    }
    expect(warnings).to.have.length(1);
  });

  it('goes on, when the logger throws what has no text, and the console throws, too', () => {
    const { warn } = console;
    console.warn = () => {
      throw new Error('no console');
    };
    try {
      const logger = {
        warn: () => {
          throw Object.create(null) as Error;
        },
      };
      const seen: unknown[] = [];
      merged({ emea: throwError(() => refused), amer: of(events.x) }, { logger }).subscribe({
        next: ({ org }) => seen.push(org),
        error: (error: unknown) => seen.push(error instanceof OrgsFailedError),
      });
      expect(seen).to.deep.equal(['amer', true]);
    } finally {
      console.warn = warn;
    }
  });

  it('warns on the console, unless it is given a logger', () => {
    const { warn } = console;
    const warnings: unknown[] = [];
    console.warn = (message) => warnings.push(message);
    try {
      merged({ emea: throwError(() => refused), amer: NEVER }, {}).subscribe();
    } finally {
      console.warn = warn;
    }
    expect(warnings).to.have.length(1);
  });

  it('ends all with the error that onOrgFailed throws', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const sources = { emea: cold('-a-#', events, refused), amer: cold('--x--y-|', events) };
      const stop = new Error('All or none.');
      const onOrgFailed = () => {
        throw stop;
      };
      expectObservable(merged(sources, { ...quiet, onOrgFailed })).toBe('-ax#', tagged, stop);
      expectSubscriptions(sources.amer.subscriptions).toBe('^--!');
    });
  });

  it('makes an error of its own of one that is none of its', () => {
    const thrown = new TypeError('Cannot read it.');
    const failures: OrgFailure[] = [];
    const onOrgFailed = (failure: OrgFailure) => void failures.push(failure);
    merged({ emea: throwError(() => thrown), amer: NEVER }, { ...quiet, onOrgFailed }).subscribe();
    expect(RxforceError.is(failures[0]?.error)).to.equal(true);
    expect(failures[0]?.error.cause).to.equal(thrown);
  });

  it('tells the status of all clients, with its org', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const live = { type: 'live', topic: '/data/AccountChangeEvent', subscription: 1, name: undefined } as const;
      const emea = cold('-l-|', { l: live });
      const amer = cold('--l-l-|', { l: live });
      const clients = { emea: source(NEVER, emea), amer: source(NEVER, amer) };
      const { status$ } = mergeOrgs(clients, ({ events$ }) => events$);
      const values = { e: { ...live, org: 'emea' }, a: { ...live, org: 'amer' } };
      expectObservable(status$).toBe('-ea-a--', values);
      expectSubscriptions(emea.subscriptions).toBe('^--!');
      expectSubscriptions(amer.subscriptions).toBe('^-----!');
    });
  });

  it('asks for the events of each org once, however often it is subscribed to', () => {
    const asked: string[] = [];
    const events$ = mergeOrgs({ emea: source(EMPTY), amer: source(EMPTY) }, ({ events$ }, org) => {
      asked.push(org);
      return events$;
    });
    events$.subscribe();
    events$.subscribe();
    expect(asked).to.deep.equal(['emea', 'amer']);
  });

  it('leaves the event as it was', () => {
    const event = changeEvent();
    const seen: object[] = [];
    merged({ emea: of(event), amer: of(event) }).subscribe((each) => seen.push(each));
    expect(event).not.to.have.property('org');
    expect(seen).to.deep.equal([
      { ...event, org: 'emea' },
      { ...event, org: 'amer' },
    ]);
  });

  it('knows the names of the orgs, and what each event is', () => {
    const clients = { emea: {} as PubSubClient, amer: {} as FakeClient };
    const typed = () => mergeOrgs(clients, (client) => client.changes<{ Name: string }>('Account'));
    const events$: () => MergedOrgs<ChangeEvent<{ Name: string }>, 'emea' | 'amer'> = typed;
    const name = (event: OfOrg<ChangeEvent<{ Name: string }>, 'emea' | 'amer'>) => [event.org, event.data.Name];
    const failed = (status: OrgStatus<'emea' | 'amer'>) =>
      status.type === 'orgFailed' ? status.error.code : undefined;
    expect([events$, name, failed]).to.have.length(3);
    // @ts-expect-error -- there is no such org.
    const wrong = (event: OfOrg<ChangeEvent, 'emea' | 'amer'>) => event.org === 'apac';
    // @ts-expect-error -- nothing can be put into a list.
    const lists = () => mergeOrgs(clients, (client) => client.changes('Account').pipe(toArray()));
    // @ts-expect-error -- nor into a result, which would lose its methods.
    const results = () => mergeOrgs(clients, () => NEVER as Observable<Result<string, Error>>);
    expect([wrong, lists, results]).to.have.length(3);
  });
});
