import { expect } from 'chai';
import {
  concat,
  merge,
  Observable,
  Subject,
  map,
  retry,
  share,
  take,
  tap,
  throwError,
  timer,
  type Subscriber,
} from 'rxjs';
import { operate } from '../delivery/operate.js';
import { idOf, nameOf } from '../../test/support/fake-store.js';
import { steppedThingStream } from '../../test/support/stepped-time.js';
import { EndedSubscriptions } from './ended-subscriptions.js';
import { distanceOf, distanceThrough, lineageHere, type Lineage } from './lineage.js';
import { TrackedObservable } from '../delivery/tracked-observable.js';

/** An Observable that tells the lineage of each who subscribes to it, and errors when told to. */
function telling(): { readonly source$: Observable<string>; readonly told: Lineage[]; readonly fail: Subject<number> } {
  const told: Lineage[] = [];
  const fail = new Subject<number>();
  const source$ = new TrackedObservable<string>((subscriber: Subscriber<string>) => {
    const index = told.push(lineageHere()) - 1;
    subscriber.add(fail.subscribe((which) => which === index && subscriber.error(new Error('told to'))));
  });
  return { source$, told, fail };
}

const plusOne = map(<T>(value: T) => value);

const LEFT = { isFollowed: true, ending: 'left' } as const;

/** Hands on what it gets. */
const passOn = (subscriber: Subscriber<string>) => ({ next: (value: string) => subscriber.next(value) });

const plus = map((value: string) => `${value}+`);

/** An operator by hand, which RxJS knows nothing of. */
const byHand = <T>(source: Observable<T>) =>
  new Observable<T>((subscriber) =>
    source.subscribe({
      next: (value) => subscriber.next(value),
      error: (error: unknown) => subscriber.error(error),
    }),
  );

describe('The lineage of a subscription', () => {
  it('leads to all that it is part of, operator by operator', () => {
    const { source$, told } = telling();
    source$.subscribe();
    source$.pipe(plus, plus).subscribe();
    const [bare, mapped] = told.map(({ frames }) => frames.length);
    expect(mapped! - bare!).to.equal(2);
  });

  it('has the whole in common with the subscription that retry() made before, and nothing with others', () => {
    const { source$, told, fail } = telling();
    source$.pipe(plus, retry()).subscribe({ error: () => undefined });
    source$.pipe(plus, retry()).subscribe({ error: () => undefined });
    fail.next(0);
    const [first, second, again] = told;
    expect(distanceOf(again!, first!)).to.be.below(Infinity);
    expect(distanceOf(again!, second!)).to.equal(Infinity);
  });

  it('is nearer to what retry() made before than to others of the same Observable', () => {
    const { source$, told, fail } = telling();
    const mapped$ = source$.pipe(plus);
    mapped$.pipe(retry()).subscribe();
    mapped$.pipe(retry()).subscribe();
    fail.next(1);
    const [first, second, again] = told;
    expect(distanceOf(again!, second!)).to.be.below(Infinity);
    expect(distanceOf(again!, first!)).to.equal(Infinity);
  });

  for (const [where, behind] of [
    ['a merge()', (source$: Observable<string>) => source$],
    ['a merge() before an operator', (source$: Observable<string>) => operate(source$, 'keeps', passOn)],
  ] as const) {
    it(`is nearer to its own branch than to the other one of ${where}`, () => {
      const { source$, told, fail } = telling();
      const branch = () => operate(source$, 'keeps', passOn).pipe(retry());
      behind(merge(branch(), branch())).subscribe();
      fail.next(1);
      const [first, second, again] = told;
      expect(distanceOf(again!, second!)).to.be.below(distanceOf(again!, first!));
    });
  }

  it('ends at an operator by hand', () => {
    const { source$, told, fail } = telling();
    source$.pipe(plus, byHand, retry()).subscribe();
    fail.next(0);
    const [first, again] = told;
    expect(distanceOf(again!, first!)).to.equal(Infinity);
    expect(distanceThrough(again!, first!)).to.equal(0);
  });
});

describe('Subscriptions that have ended', () => {
  const subscribed = (build: (source$: Observable<string>) => Observable<unknown>) => {
    const { source$, told } = telling();
    const subscription = build(source$).subscribe({ error: () => undefined });
    return { lineage: told[0]!, subscription };
  };
  const gone = (build: (source$: Observable<string>) => Observable<unknown>) => {
    const { lineage, subscription } = subscribed(build);
    subscription.unsubscribe();
    return lineage;
  };
  const plain = (source$: Observable<string>) => source$;
  const mapped = (source$: Observable<string>) => source$.pipe(plus);

  /** @param lineages - Of the ended ones, whose positions are their indices. */
  const endedWith = (...lineages: Lineage[]) => {
    const ended = new EndedSubscriptions();
    lineages.forEach((lineage, index) =>
      ended.add({ subscription: index, position: idOf(String(index)), lineage, ...LEFT }),
    );
    return ended;
  };
  const followed = (ended: EndedSubscriptions, lineage: Lineage) => {
    const found = ended.follow(lineage);
    return typeof found === 'object' ? nameOf(found.position) : found;
  };

  it('are followed once', () => {
    const ended = endedWith(gone(plain));
    expect([followed(ended, gone(plain)), followed(ended, gone(plain))]).to.deep.equal(['0', undefined]);
  });

  it('are followed by whatever comes, when there is one', () => {
    expect(followed(endedWith(gone(mapped)), gone(plain))).to.equal('0');
  });

  it('are followed by one with as many operators, when there are several', () => {
    expect(followed(endedWith(gone(mapped), gone(plain)), gone(plain))).to.equal('1');
  });

  it('are not followed, when it cannot be known which', () => {
    expect(followed(endedWith(gone(plain), gone(plain)), gone(plain))).to.equal('unknown');
    expect(followed(endedWith(gone(plain), gone(plain)), gone(mapped))).to.equal('unknown');
  });

  it('are not followed by a stranger, while their own pipeline lives', () => {
    const waiting = subscribed((source$) => source$.pipe(retry()));
    expect(followed(endedWith(waiting.lineage), gone(plain))).to.equal(undefined);
  });

  it('are followed in the order in which they were made, when they are equally near', () => {
    const { lineage } = subscribed((source$) => source$.pipe(retry()));
    const ended = new EndedSubscriptions();
    ended.add({ subscription: 2, position: idOf('second'), lineage, ...LEFT });
    ended.add({ subscription: 1, position: idOf('first'), lineage, ...LEFT });
    expect([followed(ended, lineage), followed(ended, lineage)]).to.deep.equal(['first', 'second']);
  });

  it('are forgotten, the oldest first, when nobody follows a hundred of them', () => {
    const lineage = gone(mapped);
    const ended = endedWith(...Array.from({ length: 101 }, () => lineage));
    const positions = Array.from({ length: 101 }, () => followed(ended, lineage));
    expect([positions[0], positions[99], positions[100]]).to.deep.equal(['1', '100', undefined]);
  });
});

describe('Consumers of one Observable without a store', () => {
  const ids = ['e1', 'e2', 'e3', 'e4', 'e5'];

  /** Fails once at an event, and comes back after a while. */
  const failingAt = (failAt: string, delayMs: number) => {
    let failures = 0;
    return (stream: ReturnType<typeof steppedThingStream>) => {
      const names: string[] = [];
      stream.events$
        .pipe(
          tap(({ id }) => {
            if (id === failAt && failures++ === 0) throw new Error('handler');
            names.push(id);
          }),
          retry({ delay: () => timer(delayMs, stream.time) }),
        )
        .subscribe(() => undefined);
      return names;
    };
  };

  it('each go on where they themselves ended, whoever comes back first', async () => {
    const stream = steppedThingStream({ replay: 'earliest' });
    const { service } = stream;
    const slow = failingAt('e5', 1_000)(stream);
    const quick = failingAt('e2', 10)(stream);
    await stream.pass(1);
    service.streams.forEach((each) => each.send(...ids));
    await stream.pass(20);
    expect(nameOf(service.stream.start.from)).to.equal('e1');
    service.stream.send(...ids.slice(1));
    await stream.pass(2_000);
    expect(nameOf(service.stream.start.from)).to.equal('e4');
    service.stream.send('e5');
    await stream.pass(1);
    expect([slow, quick]).to.deep.equal([ids, ids]);
    expect(stream.warnings).to.deep.equal([]);
  });

  it('start at the tip and are warned, when it cannot be told whom they follow', async () => {
    const stream = steppedThingStream({ replay: 'latest' });
    const { service, events$ } = stream;
    const subscriptions = [events$, events$].map((each) => each.subscribe(() => undefined));
    await stream.pass(1);
    service.streams.forEach((each) => each.send(...ids));
    await stream.pass(1);
    subscriptions.forEach((subscription) => subscription.unsubscribe());
    await stream.pass(1);
    events$.subscribe();
    await stream.pass(1);
    expect(service.stream.start.from).to.equal('latest');
    expect(stream.warnings).to.have.length(1);
    expect(stream.warnings[0]).to.include('it cannot be known which');
  });

  it('start where they are told, whoever has ended, when that is not the tip', async () => {
    const stream = steppedThingStream({ replay: 'earliest' });
    const { service, events$ } = stream;
    const first = events$.subscribe(() => undefined);
    await stream.pass(1);
    service.stream.send(...ids);
    await stream.pass(1);
    first.unsubscribe();
    events$.pipe(map(({ id }) => id)).subscribe();
    await stream.pass(1);
    expect(service.stream.start.from).to.equal('earliest');
    expect(stream.warnings).to.deep.equal([]);
  });

  it('go on where the last one ended, when they subscribe to the same share() again and it would start at the tip', async () => {
    const stream = steppedThingStream({ replay: 'latest' });
    const { service, events$ } = stream;
    const shared$ = events$.pipe(share());
    const subscriptions = [shared$, events$.pipe(plusOne, plusOne)].map((each) => each.subscribe(() => undefined));
    await stream.pass(1);
    service.streams.forEach((each, index) => each.send(...ids.slice(index)));
    await stream.pass(1);
    subscriptions.forEach((subscription) => subscription.unsubscribe());
    shared$.pipe(plusOne).subscribe();
    await stream.pass(1);
    expect(nameOf(service.stream.start.from)).to.equal('e5');
    expect(stream.warnings).to.deep.equal([]);
  });

  it('go on where they ended, when retry() cannot be looked into and somebody after it still waits', async () => {
    const stream = steppedThingStream({ replay: 'earliest', maxAttempts: 1 });
    const { service, events$, time } = stream;
    const ours = <T>(source: Observable<T>) =>
      operate(source, 'keeps', (subscriber: Subscriber<T>) => ({ next: (value) => subscriber.next(value) }));
    ours(merge(events$, ours(events$)).pipe(retry({ delay: () => timer(5, time) }))).subscribe(() => undefined);
    await stream.pass(1);
    service.streams.forEach((each, index) => each.send(...ids.slice(index)));
    await stream.pass(1);
    service.streams.at(0)!.end();
    await stream.pass(10);
    const starts = service.streams.slice(2).map(({ start }) => start.from);
    expect(starts.map((from) => nameOf(from as never))).to.deep.equal(['e5', 'e5']);
    expect(stream.warnings).to.deep.equal([]);
  });

  it('start where they are told, and that is told, when retry() cannot be looked into and nobody is known to wait', async () => {
    const stream = steppedThingStream({ replay: 'earliest' });
    const { service, events$ } = stream;
    const once = merge(events$).pipe(take(1));
    concat(once, once).subscribe(() => undefined);
    await stream.pass(1);
    service.stream.send(...ids);
    await stream.pass(1);
    expect(service.streams.map(({ start }) => start.from)).to.deep.equal(['earliest', 'earliest']);
    expect(stream.warnings).to.have.length(1);
    expect(stream.warnings[0]).to.include('what they were given comes again');
  });

  it('start where they are told, also when another one came through the same piped Observable', async () => {
    const stream = steppedThingStream({ replay: 'earliest' });
    const { service, events$ } = stream;
    const piped$ = events$.pipe(plusOne);
    const preview = piped$.pipe(take(2)).subscribe(() => undefined);
    await stream.pass(1);
    service.stream.send(...ids);
    await stream.pass(1);
    expect(preview.closed).to.equal(true);
    piped$.pipe(plusOne).subscribe();
    await stream.pass(1);
    expect(service.stream.start.from).to.equal('earliest');
  });

  it('are not disturbed by one that is made while they wait', async () => {
    const stream = steppedThingStream({ replay: 'earliest' });
    const { service, events$ } = stream;
    failingAt('e3', 1_000)(stream);
    await stream.pass(1);
    service.stream.send(...ids);
    await stream.pass(1);
    merge(
      events$,
      throwError(() => new Error('not yet')).pipe(retry({ delay: () => timer(5_000, stream.time) })),
    ).subscribe({
      error: () => undefined,
    });
    await stream.pass(1);
    expect(service.stream.start.from).to.equal('earliest');
    await stream.pass(2_000);
    expect(nameOf(service.stream.start.from)).to.equal('e2');
  });
});
