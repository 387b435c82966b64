import { expect } from 'chai';
import {
  EMPTY,
  map,
  NEVER,
  of,
  retry,
  Subject,
  take,
  takeUntil,
  tap,
  throwError,
  timer,
  toArray,
  type Observable,
} from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import type { ChangeEvent, PubSubClient, Result, Status } from '@rxforce/core';
import { deliveryOf } from '@rxforce/core/delivery';
import { AuthenticationError, ConnectionError, RxforceError } from '@rxforce/core/model';
import { changeEvent, runMarbles, type FakeClient } from '@rxforce/core/testing';
import { keep } from '../../test/support/keep.js';
import { mergeOrgs, type MergedOrgs, type MergeOrgsOptions, type OfOrg, type OrgStatus } from './merge-orgs.js';
import { OrgsFailedError, type OrgFailure } from '../model/errors.js';

const events = {
  a: changeEvent({ id: 'a' }),
  b: changeEvent({ id: 'b' }),
  c: changeEvent({ id: 'c' }),
  x: changeEvent({ id: 'x' }),
  y: changeEvent({ id: 'y' }),
};
/** The same with their orgs: a, b and c are of `emea`, x and y of `amer`. */
const tagged = {
  a: { ...events.a, org: 'emea' },
  b: { ...events.b, org: 'emea' },
  c: { ...events.c, org: 'emea' },
  x: { ...events.x, org: 'amer' },
  y: { ...events.y, org: 'amer' },
};
const refused = new AuthenticationError('The login was refused.');
const unreachable = new ConnectionError('The org cannot be reached.');
const quiet: MergeOrgsOptions = { logger: { warn: () => undefined } };

const changesOf = (client: PubSubClient) => client.changes('Account');

/** Plain sources in place of clients: what `mergeOrgs` needs of one, with the events at hand. */
const source = (events$: Observable<object>, status$: Observable<Status> = NEVER) => ({ events$, status$ });

const merged = <O extends string>(sources: Record<O, Observable<object>>, options: MergeOrgsOptions<O> = quiet) =>
  mergeOrgs(
    Object.fromEntries(Object.entries<Observable<object>>(sources).map(([org, events$]) => [org, source(events$)])),
    ({ events$ }) => events$,
    options as MergeOrgsOptions,
  );

const failedWith = (...failures: [OrgFailure, ...OrgFailure[]]) => new OrgsFailedError(failures);

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

describe('OrgsFailedError', () => {
  it('is retriable, when all failures are, and has the first one as its cause', () => {
    const emea = { org: 'emea', error: unreachable };
    const amer = { org: 'amer', error: refused };
    expect(failedWith(emea)).to.include({ code: 'orgs-failed', retriable: true, cause: unreachable });
    expect(failedWith(emea, amer)).to.include({ code: 'orgs-failed', retriable: false, cause: unreachable });
    expect(failedWith(emea, amer).failures).to.deep.equal([emea, amer]);
  });

  it('says which orgs failed, and why', () => {
    const { message } = failedWith({ org: 'emea', error: unreachable }, { org: 'amer', error: refused });
    expect(message).to.equal(
      'The events of all orgs are over, and those of 2 ended with an error. emea: The org cannot be reached. amer: The ' +
        'login was refused.',
    );
  });
});

describe('mergeOrgs, wrongly called', () => {
  const client = source(NEVER);
  const events = () => NEVER;
  const wrong: [string, unknown[], RegExp][] = [
    ['no clients', [{}, events], /no clients/],
    ['nothing for them', [undefined, events], /no clients/],
    ['something that is no client', [{ emea: client, amer: {} }, events], /amer that is no client/],
    ['undefined for a client', [{ amer: undefined }, events], /amer that is no client/],
    ['no function', [{ emea: client }], /needs a function/],
    ['a function that gives no Observable', [{ emea: client }, () => [1]], /no Observable for emea/],
    ['an unknown option', [{ emea: client }, events, { onError: 1 }], /"onError".*onOrgFailed, logger/],
    ['a logger that cannot warn', [{ emea: client }, events, { logger: {} }], /logger must have a function warn/],
    ['an onOrgFailed that is no function', [{ emea: client }, events, { onOrgFailed: 1 }], /must be a function/],
  ];
  for (const [what, args, message] of wrong) {
    it(`throws a ConfigurationError, given ${what}`, () => {
      const call = mergeOrgs as (...args: unknown[]) => unknown;
      expect(() => call(...args))
        .to.throw(RxforceError, message)
        .with.property('code', 'configuration');
    });
  }

  it('throws what the function throws', () => {
    const stop = () => {
      throw new Error('no');
    };
    expect(() => mergeOrgs({ emea: client }, stop)).to.throw('no');
  });

  for (const [kind, value] of [
    ['Array', [1]],
    ['Map', new Map()],
    ['String', 'text'],
    ['null', null],
  ] as const) {
    it(`fails the org whose events are no plain objects (${kind})`, () => {
      const failures: string[] = [];
      const onOrgFailed = ({ error }: OrgFailure) => void failures.push(error.message);
      const values$ = of(value) as Observable<object>;
      merged({ emea: values$, amer: NEVER }, { ...quiet, onOrgFailed }).subscribe();
      expect(failures).to.have.length(1);
      expect(failures[0]).to.include(`a value of emea that is no plain object (${kind})`);
    });
  }

  it('takes objects without a prototype', () => {
    const seen: object[] = [];
    const bare = Object.assign(Object.create(null) as object, { id: 1 });
    merged({ emea: of(bare) }).subscribe((event) => seen.push(event));
    expect(seen).to.deep.equal([{ id: 1, org: 'emea' }]);
  });

  it('never completes its status$, as failures may come at any subscription', () => {
    const ended = new Subject<Status>();
    let isOver = false;
    mergeOrgs({ emea: source(NEVER, ended) }, ({ events$ }) => events$).status$.subscribe({
      complete: () => (isOver = true),
    });
    ended.complete();
    expect(isOver).to.equal(false);
  });
});
