import { expect } from 'chai';
import { of } from 'rxjs';
import { idOf, nameOf } from '../../test/support/fake-store.js';
import { SteppedTime } from '../../test/support/stepped-time.js';
import { Watermark } from '../delivery/watermark.js';
import { ServiceError } from '../model/errors.js';
import { Ok } from '../model/result.js';
import { PlaceCommits } from './place-commits.js';
import { OPEN_GATE, type PositionGate } from './position-gate.js';

/** Commits of events that are settled, behind a gate. */
class Bench {
  readonly time = new SteppedTime();
  readonly watermark = new Watermark(undefined);
  readonly saved: (string | undefined)[] = [];
  readonly told: string[] = [];
  gate: PositionGate = OPEN_GATE;
  isReady = true;
  readonly commits: PlaceCommits;

  constructor() {
    const gate = (): PositionGate => this.gate;
    this.commits = new PlaceCommits({
      context: { scheduler: this.time, random: () => 1 },
      intervalMs: 100,
      watermark: this.watermark,
      gate: {
        get limit() {
          return gate().limit;
        },
        get holdsDemand() {
          return gate().holdsDemand;
        },
        get isShut() {
          return gate().isShut;
        },
      },
      listener: {
        tell: (type, ..._details) => void this.told.push(type),
        waiting: () => undefined,
        commitFailed: () => undefined,
        silent: () => undefined,
        committed: () => this.told.push('room'),
        failed: () => undefined,
      },
      isReady: () => this.isReady,
      save: (replayId) => {
        this.saved.push(nameOf(replayId));
        return of(Ok(undefined));
      },
      silent: () => new ServiceError('silent'),
      committed: ({ replayId }) => this.told.push(`durable ${nameOf(replayId)}`),
    });
  }

  settle(...names: string[]): void {
    for (const name of names) this.watermark.settle(this.watermark.open(idOf(name)));
  }

  /** Commits what may be committed, in every way. */
  async commit(): Promise<void> {
    this.commits.moved(10, 0);
    await this.time.pass(1_000);
    this.commits.committer.flush(() => undefined);
    await this.time.pass(1_000);
  }
}

describe('PlaceCommits', () => {
  it('covers what is settled, and reports it once it is durable', async () => {
    const bench = new Bench();
    bench.settle('a', 'b');
    expect(bench.commits.uncommitted()).to.equal(2);
    await bench.commit();
    expect(bench.saved).to.deep.equal(['b']);
    expect(bench.told).to.deep.equal(['durable b', 'committed', 'room']);
    expect(bench.commits.uncommitted()).to.equal(0);
  });

  it('stops before the event that the gate keeps back', async () => {
    const bench = new Bench();
    bench.gate = { limit: { index: 1, before: idOf('a'), replayId: idOf('b') }, holdsDemand: true, isShut: false };
    bench.settle('a', 'b');
    await bench.commit();
    expect([bench.saved, bench.commits.uncommitted()]).to.deep.equal([['a'], 1]);
    bench.gate = OPEN_GATE;
    await bench.commit();
    expect(bench.saved).to.deep.equal(['a', 'b']);
  });

  it('saves nothing behind a gate that is shut, whatever is settled', async () => {
    const bench = new Bench();
    bench.settle('a');
    bench.gate = { limit: undefined, holdsDemand: true, isShut: true };
    await bench.commit();
    expect(bench.saved).to.deep.equal([]);
  });

  it('saves nothing while the place is not ready', async () => {
    const bench = new Bench();
    bench.settle('a');
    bench.isReady = false;
    await bench.commit();
    expect(bench.saved).to.deep.equal([]);
    bench.isReady = true;
    await bench.commit();
    expect(bench.saved).to.deep.equal(['a']);
  });

  it('counts in the window only what the gate lets pass, where the stream does not wait for the gate', () => {
    const bench = new Bench();
    bench.settle('a', 'b', 'c');
    const limit = { index: 1, before: idOf('a'), replayId: idOf('b') };
    bench.gate = { limit, holdsDemand: false, isShut: false };
    expect([bench.commits.uncommitted(), bench.commits.uncommittedInWindow()]).to.deep.equal([3, 1]);
    bench.gate = { limit, holdsDemand: true, isShut: false };
    expect(bench.commits.uncommittedInWindow()).to.equal(3);
  });
});
