import { expect } from 'chai';
import fc from 'fast-check';
import { hold, type Hold } from '@rxforce/core/delivery';
import { nameOf } from '../../test/support/fake-store.js';
import { inVirtualTime, type VirtualThingStream } from '../../test/support/in-virtual-time.js';
import { ThrottledError } from '../model/errors.js';
import { broken, refused } from '../../test/support/breaking-streams.js';

describe('eventStream, when its streams break', () => {
  describe('whatever happens to streams and handlers', () => {
    it('hands every event out once, in order, within the window, and settles it', function () {
      this.timeout(180_000);
      fc.assert(
        fc.property(chaos, ({ steps, window, refillAt, redelivers }) => {
          // Longer than any wait of 120 steps.
          inVirtualTime(
            { replay: 'earliest', window, refillAt: Math.min(refillAt, window), stuckAfterMs: 2_000_000_000 },
            (stream) => {
              new Chaos(stream, redelivers, window).run(steps);
            },
            10_000_000,
          );
        }),
        { numRuns: 300 },
      );
    });
  });
});

type ChaosStep = readonly [
  'send' | 'release' | 'keepalive' | 'end' | 'break' | 'refuse' | 'throttle' | 'wait' | 'silence',
  number,
];

const chaos = fc.record({
  window: fc.integer({ min: 1, max: 12 }),
  refillAt: fc.integer({ min: 1, max: 12 }),
  redelivers: fc.integer({ min: 0, max: 3 }),
  steps: fc.array(
    fc.tuple(
      fc.constantFrom<ChaosStep[0][]>(
        ...(['send', 'send', 'send', 'release', 'release', 'release', 'wait', 'wait'] as const),
        ...(['keepalive', 'end', 'break', 'refuse', 'throttle', 'silence'] as const),
      ),
      fc.nat({ max: 20 }),
    ),
    { maxLength: 120 },
  ),
});

/**
 * A service that keeps a log of events and gives it from wherever a stream starts, and handlers that take their time.
 */
class Chaos {
  private readonly names: string[] = [];
  private readonly held: Hold[] = [];
  /** Of each stream: the index of the event that comes next. */
  private readonly cursors = new WeakMap<object, number>();
  private keepalives = 0;
  private made = 0;
  private refusals = 0;

  constructor(
    private readonly stream: VirtualThingStream,
    private readonly redelivers: number,
    private readonly window: number,
  ) {}

  run(steps: readonly ChaosStep[]): void {
    const { stream } = this;
    stream.onStatus((status) => {
      if ('window' in status) {
        expect(status.outstanding + status.unsettled, 'outstanding + unsettled').to.be.at.most(this.window);
      }
      expect(status.type).not.to.equal('replayReset');
    });
    const errors: unknown[] = [];
    const subscription = stream.events$.subscribe({
      next: (event) => {
        this.names.push(event.id);
        this.held.push(hold(event));
        expect(this.held.length, 'held').to.be.at.most(this.window);
      },
      error: (error: unknown) => errors.push(error),
    });
    let now = 1;
    for (const step of steps) {
      stream.at(now, () => this.do(step));
      now += step[0] === 'wait' ? step[1] * 100 : step[0] === 'silence' ? 400_000 : 1;
    }
    // In the end all is well: the next stream comes within the longest pause, and everything is sent and settled.
    for (let round = 0; round < 40; round++) {
      now += 121_000;
      for (let again = 0; again < 10; again++) {
        stream.at(now, () => {
          this.do(['release', 20]);
          this.do(['send', 20]);
          this.do(['release', 20]);
        });
      }
    }
    stream.at(now + 1, () => {
      expect(errors).to.deep.equal([]);
      expect(this.names).to.deep.equal(Array.from({ length: this.made }, (_, index) => `e${index}`));
      expect(this.held).to.have.length(0);
      subscription.unsubscribe();
      expect(this.stream.service.streams.every(({ cancelled }) => cancelled)).to.equal(true);
    });
  }

  private do([what, count]: ChaosStep): void {
    const { service } = this.stream;
    if (what === 'release') {
      for (let left = count; left > 0 && this.held.length > 0; left--)
        this.held.splice((left * 7) % this.held.length, 1)[0]?.release();
      return;
    }
    const current = service.streams.at(-1);
    if (!current || current.cancelled) return;
    if (what === 'send') this.send(count);
    else if (what === 'keepalive') this.keepalive();
    else if (what === 'end') current.end();
    else if (what === 'break') current.fail(broken);
    else if (what === 'throttle') current.fail(new ThrottledError('slower', { retriable: true }));
    else if (what === 'refuse' && this.refusals++ === 0) current.fail(refused);
  }

  private send(count: number): void {
    const { stream } = this.stream.service;
    if (stream.pending === 0) return;
    const from = this.cursors.get(stream) ?? this.startOf(nameOf(stream.start.from) ?? '');
    // A few more events happen, once all were sent.
    if (this.made < 300 && from >= this.made) this.made += count;
    const batch = Array.from(
      { length: Math.min(count, stream.pending, this.made - from) },
      (_, index) => `e${from + index}`,
    );
    if (batch.length === 0) return;
    this.refusals = 0;
    this.cursors.set(stream, from + batch.length);
    stream.send(...batch);
  }

  private keepalive(): void {
    const { stream } = this.stream.service;
    const from = this.cursors.get(stream) ?? this.startOf(nameOf(stream.start.from) ?? '');
    if (from < this.made) return;
    this.cursors.set(stream, from);
    this.refusals = 0;
    stream.keepalive(`k${from}-${this.keepalives++}`);
  }

  /** Where the log goes on; a service at its worst sends some events again. */
  private startOf(from: string): number {
    if (from === 'earliest') return 0;
    const next = from.startsWith('k') ? Number(/\d+/.exec(from)?.[0]) : Number(from.slice(1)) + 1;
    return Math.max(0, next - this.redelivers);
  }
}
