import { expect } from 'chai';
import {
  BehaviorSubject,
  bufferCount,
  concatMap,
  debounceTime,
  delay,
  filter,
  groupBy,
  lastValueFrom,
  map,
  mergeMap,
  NEVER,
  of,
  repeat,
  Subject,
  switchAll,
  takeUntil,
  tap,
  toArray,
  windowCount,
  type Observable,
} from 'rxjs';
import { operate, subscribeInner, subscribeSource } from '@rxforce/core/delivery';
import { pipelineSuite, type WatchedPipeline } from '../../test/support/pipeline-suite.js';
import { range, work } from '../../test/support/held-work.js';
import type { ChangeEvent } from '../model/events.js';

type Events = Observable<ChangeEvent>;

/** In two groups, by turns. */
const inTwo = groupBy(({ id }: ChangeEvent) => Number(id.slice(1)) % 2);
const messagesOf = ({ errors }: WatchedPipeline) => errors.map((error) => (error as Error).message);

/** One part, which starts with the first value. */
const inOnePart = (source: Events): Observable<Observable<ChangeEvent>> =>
  operate<ChangeEvent, Observable<ChangeEvent>, Observable<ChangeEvent>>(
    source,
    'parts',
    (subscriber) => ({ next: (part) => subscriber.next(part) }),
    (subscriber) => {
      const part = new Subject<ChangeEvent>();
      let isOpen = false;
      subscribeSource(source, subscriber, {
        next: (event) => {
          if (!isOpen) subscriber.next(part.asObservable());
          isOpen = true;
          part.next(event);
        },
      });
    },
  );

describe('Whether a pipeline works on the events of groups and windows', () => {
  const suite = pipelineSuite();
  const { pipeline, position } = suite;

  describe('is an error, which names the operator inside, where one', () => {
    const keeps: Record<string, (events$: Events, time: WatchedPipeline['time']) => Observable<unknown>> = {
      'collects in groups': (events$) =>
        events$.pipe(
          inTwo,
          mergeMap((group) => group.pipe(bufferCount(2))),
        ),
      'collects in windows': (events$) =>
        events$.pipe(
          windowCount(3),
          mergeMap((window) => window.pipe(toArray())),
        ),
      'delays in groups': (events$, time) =>
        events$.pipe(
          inTwo,
          mergeMap((group) => group.pipe(delay(1, time))),
        ),
    };
    for (const [how, build] of Object.entries(keeps)) {
      it(how, async () => {
        const watched = pipeline((events$, { time }) => build(events$, time), { next: () => undefined });
        await watched.get(range(5));
        const [message] = messagesOf(watched);
        expect(message).to.match(
          /the 1st operator after a group or window of the values of the stream \(.*parts\.spec/,
        );
        expect(position() ?? '@0').to.equal('@0');
      });
    }
  });

  it('ends no other subscription of the stream', async () => {
    const others: string[] = [];
    const watched = pipeline((events$, { time }) => {
      events$.pipe(work(time)).subscribe({ next: ({ id }) => others.push(id), error: () => others.push('error') });
      return events$.pipe(
        inTwo,
        mergeMap((group) => group.pipe(delay(1, time))),
      );
    });
    await watched.get(range(1));
    expect(watched.errors).to.have.length(1);
    expect(others).to.not.include('error');
  });

  it('is seen where each group has a subscriber of its own, whose promises are waited for', async () => {
    const saved = new Subject<void>();
    const { get, errors, pass } = pipeline((events$) => events$.pipe(inTwo), {
      next: (group) =>
        // eslint-disable-next-line @typescript-eslint/no-misused-promises -- it is waited for
        void (group as Events).subscribe((event) =>
          event.id === 'e3' ? lastValueFrom(saved, { defaultValue: undefined }) : Promise.resolve(),
        ),
    });
    await get(range(5));
    expect(position()).to.equal('e2');
    saved.complete();
    await pass(50);
    expect([position(), errors]).to.deep.equal(['e5', []]);
  });

  it('is not seen in a subscriber that was given a group, and returns', async () => {
    const { get } = pipeline((events$) => events$.pipe(inTwo), {
      next: (group) => void (group as Events).pipe(concatMap(() => NEVER)).subscribe({ error: () => undefined }),
    });
    await get(range(5), 15_000);
    expect(position()).to.equal(undefined);
  });

  it('is no error, where an operator collects what one event brought, within its call', async () => {
    const { get, errors, pass } = pipeline((events$, { time }) =>
      events$.pipe(
        mergeMap((event) => [event, 'a', 'b', event.id]),
        bufferCount(4),
        work(time),
      ),
    );
    await get(range(5), 100);
    await pass(11_000);
    expect([position(), errors]).to.deep.equal(['e5', []]);
  });

  it('gives groups on with their keys', async () => {
    const keys: number[] = [];
    const { get } = pipeline((events$) =>
      events$.pipe(
        inTwo,
        tap(({ key }) => keys.push(key)),
        mergeMap((group) => group),
      ),
    );
    await get(range(3));
    expect(keys).to.deep.equal([1, 0]);
  });

  it('is no error, where a filter follows the groups and drops all for a time', async () => {
    const { get, errors, pass } = pipeline(
      (events$) =>
        events$.pipe(
          inTwo,
          mergeMap((group) => group),
          filter(({ id }) => id === 'e8'),
        ),
      { next: () => Promise.resolve() },
    );
    await get(range(5));
    await pass(11_000);
    await get(['e6', 'e7', 'e8']);
    expect([position(), errors]).to.deep.equal(['e8', []]);
  });

  it('is no error after the work, where counters and dashboards collect', async () => {
    const { get, errors } = pipeline((events$, { time }) =>
      events$.pipe(
        work(time),
        inTwo,
        mergeMap((group) => group.pipe(debounceTime(10, time))),
        work(time),
      ),
    );
    await get(range(5));
    expect([position(), errors]).to.deep.equal(['e5', []]);
  });

  it('is no error after the work, where the groups are of ours, and a subscriber gets the values', async () => {
    const { get, errors } = pipeline(
      (events$, { time }) =>
        events$.pipe(
          work(time),
          inOnePart,
          mergeMap((part) => part.pipe(debounceTime(10, time))),
        ),
      { next: () => undefined },
    );
    await get(range(5));
    expect([position(), errors]).to.deep.equal(['e5', []]);
  });

  it('is not seen in what an operator subscribes to a group with', async () => {
    const { get } = pipeline((events$) =>
      events$.pipe(
        windowCount(7),
        mergeMap((window) => window.forEach(() => undefined)),
      ),
    );
    await get(range(5));
    expect(position()).to.equal(undefined);
  });

  it('is seen in what waits for its promise there', async () => {
    const { get } = pipeline((events$) =>
      events$.pipe(
        windowCount(7),
        // eslint-disable-next-line @typescript-eslint/no-misused-promises -- it is waited for
        mergeMap((window) => window.forEach(() => Promise.resolve())),
      ),
    );
    await get(range(5));
    expect(position()).to.equal('e5');
  });

  it('leaves groups the objects that they are', async () => {
    const [timed, emitted]: [unknown[], unknown[]] = [[], []];
    const { get } = pipeline((events$) =>
      events$.pipe(
        groupBy(({ id }) => id, {
          duration: (group) => {
            timed.push(group);
            return NEVER;
          },
        }),
        tap((group) => emitted.push(group)),
        mergeMap((group) => group),
      ),
    );
    await get(range(2));
    expect(timed).to.have.length(2);
    timed.forEach((group, index) => expect(group).to.equal(emitted[index]));
  });

  it('is no error, where the duration of a group is what RxJS makes of it', async () => {
    const { get, errors } = pipeline(
      (events$, { time }) =>
        events$.pipe(
          groupBy(({ id }) => Number(id.slice(1)) % 2, { duration: (group) => group.pipe(debounceTime(10, time)) }),
          mergeMap((group) => group),
        ),
      { next: () => Promise.resolve() },
    );
    await get(range(5));
    expect([position(), errors]).to.deep.equal(['e5', []]);
  });

  it('is an error, where what keeps them follows an operator of ours', async () => {
    const keeps = (source: Events) =>
      operate<ChangeEvent, ChangeEvent>(source, 'keeps', (subscriber) => ({ next: (event) => subscriber.next(event) }));
    const watched = pipeline(
      (events$) =>
        events$.pipe(
          inTwo,
          mergeMap((group) => group.pipe(keeps, bufferCount(2))),
        ),
      { next: () => undefined },
    );
    await watched.get(range(5));
    expect(messagesOf(watched)[0]).to.include('after a group or window of the values of the stream');
    expect(position() ?? '@0').to.equal('@0');
  });

  it('leaves what a Subject of others emits as it is', async () => {
    const settings$ = new BehaviorSubject('on').asObservable();
    const { get } = pipeline((events$) =>
      events$.pipe(
        map(() => settings$),
        switchAll(),
      ),
    );
    await get(range(2));
    expect(Object.keys(Object.getOwnPropertyDescriptors(settings$))).to.not.include.members(['subscribe', 'lift']);
  });

  it('is seen in a subscriber that is given Observables of its own making', async () => {
    const { get, errors } = pipeline((events$) => events$.pipe(map((event) => of(event))), {
      next: (inner) => void (inner as Events).subscribe(() => undefined),
    });
    await get(range(5));
    expect([position(), errors]).to.deep.equal(['e5', []]);
  });

  it('leaves Subjects that an operator emits as they are', async () => {
    const subject = new Subject<ChangeEvent>();
    const given: unknown[] = [];
    const { get } = pipeline((events$) =>
      events$.pipe(
        map(() => subject),
        tap((emitted) => given.push(emitted)),
        concatMap((inner) => inner),
      ),
    );
    await get(range(1));
    expect(given).to.deep.equal([subject]);
  });

  describe('behind an operator of ours that emits parts', () => {
    /** As a twin of `mergeMap` does it: it works on each value that it is given. */
    const joined = <T>(source: Observable<Observable<T>>): Observable<T> =>
      operate<Observable<T>, T>(source, 'works', (subscriber) => ({
        next: (part) => subscribeInner(part, subscriber, { next: (value) => subscriber.next(value) }),
      }));

    it('is seen in a subscriber that returns, as an operator that works on parts works on no event', async () => {
      const { get, errors, warnings } = pipeline((events$) => events$.pipe(inOnePart, joined), {
        next: () => undefined,
      });
      await get(range(5));
      expect([position(), errors]).to.deep.equal(['e5', []]);
      expect(warnings.join()).to.include('count as done when your subscriber returns');
    });

    it('is an error, where nobody works', async () => {
      const watched = pipeline((events$) => events$.pipe(inOnePart, joined));
      await watched.get(range(5));
      expect(messagesOf(watched).join()).to.include('Nothing after the stream');
      expect(position()).to.equal(undefined);
    });

    it('is seen so, too, after a subscription that ended before its first event', async () => {
      const again = new Subject<void>();
      const { get, errors } = pipeline(
        // eslint-disable-next-line rxjs-x/no-unsafe-takeuntil -- it is to end each round
        (events$) => events$.pipe(inOnePart, joined, takeUntil(again), repeat(2)),
        { next: () => undefined },
      );
      again.next();
      await get(range(5));
      expect([position(), errors]).to.deep.equal(['e5', []]);
    });

    it('is seen in what works on the values of a part', async () => {
      const { get, errors } = pipeline((events$, { time }) =>
        events$.pipe(
          inOnePart,
          mergeMap((part) => part.pipe(work(time))),
        ),
      );
      await get(range(5));
      expect([position(), errors]).to.deep.equal(['e5', []]);
    });
  });
});
