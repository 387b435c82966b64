import type { StoreError } from '../../src/ports/replay-store.js';
import { expect } from 'chai';
import { Observable, of, type SchedulerLike } from 'rxjs';
import { ReplayStoreError, PositionInUseError } from '../../src/model/errors.js';
import { ReplayId } from '../../src/model/replay-id.js';
import { Err, Ok, type Result } from '../../src/model/result.js';
import { runMarbles } from '../../src/testing/run-marbles.js';
import { Committer, type Commit } from '../../src/position/committer.js';
import { silentStore } from '../../src/stream-life/tell-silence.js';

/** What a save ends with. */
export type Answer = Result<void, StoreError>;

/** The store may answer better later. */
export const busy = new ReplayStoreError('busy');

/** The position is gone for good. */
export const taken = new PositionInUseError('somebody else has it');

/** The position is saved. */
export const ok: Answer = Ok(undefined);

/** It is not saved for now. */
export const no: Answer = Err(busy);

/** It can never be saved. */
export const never: Answer = Err(taken);

/** The position after so many events. */
export const idOf = (settled: number) => ReplayId.fromBytes(Buffer.from(`e${settled}`));

/** A committer, what it is asked to commit, and what it does. */
export class Desk {
  /** Events settled so far. */
  settled = 0;
  /** The position after so many events. */
  idAt: (settled: number) => ReplayId = idOf;
  readonly saves: { readonly at: number; readonly settled: number; readonly position: ReplayId }[] = [];
  readonly committed: number[] = [];
  readonly failures: { readonly attempt: number; readonly delayMs: number }[] = [];
  readonly fatal: unknown[] = [];
  /** When it was told that the store does not answer. */
  readonly silences: { at: number; attempt: number; delayMs: number }[] = [];
  /** Saves under way. */
  open = 0;
  /** How a save ends. */
  answer: () => Observable<Answer> = () => of(ok);
  readonly committer: Committer;

  constructor(
    readonly scheduler: SchedulerLike,
    intervalMs: number,
    random = 1,
  ) {
    this.committer = new Committer({ scheduler, random: () => random }, intervalMs, {
      committable: () => this.committable(),
      save: (replayId) => this.save(replayId),
      committed: ({ settled }) => this.committed.push(settled),
      commitFailed: (error, attempt, delayMs) => {
        if (error !== busy) this.silences.push({ at: this.scheduler.now(), attempt, delayMs });
        else this.failures.push({ attempt, delayMs });
      },
      silent: silentStore,
      failed: (error) => this.fatal.push(error),
    });
  }

  settle(count = 1, urgent = false): void {
    this.settled += count;
    this.committer.wake(urgent);
  }

  /** When each save began, and up to where it was. */
  get log(): [number, number][] {
    return this.saves.map(({ at, settled }) => [at, settled]);
  }

  private committable(): Commit | undefined {
    return this.settled === 0 ? undefined : { replayId: this.idAt(this.settled), settled: this.settled };
  }

  private save(position: ReplayId): Observable<Answer> {
    return new Observable((subscriber) => {
      expect(this.open, 'saves at one time').to.equal(0);
      this.open++;
      const settled = Number(Buffer.from(position.toBytes()).toString().slice(1));
      this.saves.push({ at: this.scheduler.now(), settled, position });
      subscriber.add(() => this.open--);
      subscriber.add(this.answer().subscribe(subscriber));
    });
  }
}

/** Runs a test in virtual time, with a committer that waits 100 ms between two commits. */
export function atDesk(
  test: (desk: Desk, at: (frame: number, action: () => void) => void) => void,
  intervalMs = 100,
): void {
  runMarbles(({ scheduler, flush }) => {
    // A save that never ends is told of for ever.
    scheduler.maxFrames = 1_000_000;
    test(new Desk(scheduler, intervalMs), (frame, action) => void scheduler.schedule(action, frame));
    flush();
  });
}
