import { expect } from 'chai';
import { Observable } from 'rxjs';
import { inVirtualTime } from '../../test/support/in-virtual-time.js';
import { hold } from '../delivery/hold.js';
import { joinHolds } from '../delivery/joint-hold.js';
import type { Hold } from '../delivery/delivery.js';
import type { ChangeEvent } from '../model/events.js';

type Thing = ChangeEvent<{ Name: string }>;

const FIVE = ['a', 'b', 'c', 'd', 'e'];

/** The smallest operator that collects: by count, and when no more can come. */
function gather(size: number) {
  return (source: Observable<Thing>) =>
    new Observable<string[]>((subscriber) => {
      let kept: { readonly id: string; readonly held: Hold }[] = [];
      const flush = () => {
        const batch = kept;
        kept = [];
        const joint = joinHolds(batch.map(({ held }) => held));
        joint.emit(
          subscriber,
          batch.map(({ id }) => id),
        );
        joint.release();
      };
      subscriber.add(
        source.subscribe(({ id, ...event }) => {
          const held = hold(event);
          held.onPressure(flush);
          kept.push({ id, held });
          if (kept.length === size) flush();
        }),
      );
    });
}

/** What a window of five is collected to, in tens, as the service sends it in several responses. */
function batchesOf(...responses: (readonly string[])[]): string[][] {
  const batches: string[][] = [];
  inVirtualTime({ window: 5 }, ({ service, events$, at }) => {
    events$.pipe(gather(10)).subscribe((batch) => batches.push(batch));
    responses.forEach((names, index) => at(10 * (index + 1), () => service.stream.send(...names)));
  });
  return batches;
}

describe('Pressure', () => {
  it('lets collected events go, when the window is full of them and no more can come', () => {
    expect(batchesOf(FIVE)).to.deep.equal([FIVE]);
  });

  it('lets nothing go, while more can come', () => {
    expect(batchesOf(FIVE.slice(0, 4))).to.deep.equal([]);
  });

  it('comes again, when the next window is full', () => {
    const next = ['f', 'g', 'h', 'i', 'j'];
    expect(batchesOf(FIVE.slice(0, 3), FIVE.slice(3), next)).to.deep.equal([FIVE, next]);
  });

  it('lets nothing go, while work on one of the events is under way, and all of it when that is done', () => {
    const batches: string[][] = [];
    inVirtualTime({ window: 5 }, ({ service, events$, at }) => {
      let worker: Hold | undefined;
      const working = (source: Observable<Thing>) =>
        new Observable<Thing>((subscriber) =>
          source.subscribe((event) => {
            if (event.id === 'b') worker = hold(event);
            subscriber.next(event);
          }),
        );
      events$.pipe(working, gather(10)).subscribe((batch) => batches.push(batch));
      at(10, () => service.stream.send(...FIVE));
      at(1_000, () => {
        expect(batches).to.deep.equal([]);
        worker?.release();
      });
    });
    expect(batches).to.deep.equal([FIVE]);
  });

  it('lets events go that come late out of other work', () => {
    const batches: string[][] = [];
    inVirtualTime({ window: 5 }, ({ service, events$, scheduler, at }) => {
      const slow = (source: Observable<Thing>) =>
        new Observable<Thing>((subscriber) =>
          source.subscribe((event) => {
            const held = hold(event);
            scheduler.schedule(() => {
              held.emit(subscriber, event);
              held.release();
            }, 100);
          }),
        );
      events$.pipe(slow, gather(10)).subscribe((batch) => batches.push(batch));
      at(10, () => service.stream.send(...FIVE));
    });
    expect(batches).to.deep.equal([FIVE]);
  });

  it('does not cut a batch in two that is full in the same turn', () => {
    const batches: string[][] = [];
    inVirtualTime({ window: 5 }, ({ service, events$, at }) => {
      events$.pipe(gather(5)).subscribe((batch) => batches.push(batch));
      at(10, () => service.stream.send(...FIVE));
    });
    expect(batches).to.deep.equal([FIVE]);
  });

  it('makes what a flush throws the error of the stream', () => {
    const errors: unknown[] = [];
    const failure = new Error('no');
    inVirtualTime({ window: 1 }, ({ service, events$, at }) => {
      const failing = (source: Observable<Thing>) =>
        new Observable<never>((subscriber) => {
          subscriber.add(
            source.subscribe({
              next: (event) =>
                hold(event).onPressure(() => {
                  throw failure;
                }),
              error: (error: unknown) => subscriber.error(error),
            }),
          );
        });
      events$.pipe(failing).subscribe({ error: (error: unknown) => errors.push(error) });
      at(10, () => service.stream.send('a'));
    });
    expect(errors).to.deep.equal([failure]);
  });
});
