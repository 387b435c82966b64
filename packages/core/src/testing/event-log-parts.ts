import assert from 'node:assert/strict';
import { Observable, Subject } from 'rxjs';
import { kindOf } from '../model/answer.js';
import { RxforceError, type RxforceErrorCode } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { EventLog, LogEntry, LoggedEntry, LogResponse, LogStart } from '../ports/event-log.js';
import { appendedAnswer, readAnswer } from '../ports/log-answers.js';

/** What a case needs of its log. Everything else is as the implementation has it by default. */
export interface EventLogSettings {
  /** How many partitions it has. */
  readonly partitions: number;
  /** Most entries of a partition. The oldest are dropped by the next append. */
  readonly maxEntries: number;
  /** Longest time without a response of a reading, in milliseconds. */
  readonly keepaliveMs: number;
}

/** The parts of a case: a new log, and another one over the same data. */
export interface Logs {
  readonly log: EventLog;
  readonly again: EventLog;
  readonly settings: EventLogSettings;
  /** Makes the engine fail. */
  readonly fail: () => Promise<void>;
}

export const TOPIC = '/data/AccountChangeEvent';

/** The so-manieth event, in one partition. */
export function entry(number: number, partition = 0, more: Partial<LogEntry> = {}): LogEntry {
  return {
    ...{ partition, id: `event-${number}`, origin: originOf(number), schemaId: 'schema' },
    payload: Buffer.from(`payload ${number}`),
    ...more,
  };
}

/** Events from the first number up to the last one. */
export function entries(first: number, last: number, partition = 0): LogEntry[] {
  return Array.from({ length: last - first + 1 }, (_, index) => entry(first + index, partition));
}

/** As the service sends them. */
export function originOf(number: number): ReplayId {
  const bytes = Buffer.alloc(10);
  bytes.writeUInt32BE(number, 4);
  return ReplayId.fromBytes(bytes);
}

/** Appends, and expects that all are durable. */
export async function append(log: EventLog, some: readonly LogEntry[], fence?: number, topic = TOPIC): Promise<void> {
  const answer: unknown = await log.append(topic, some, fence);
  assert.equal(appendedAnswer(answer, some.length), some.length, 'are durable');
}

/** Expects the error of this code. */
export async function assertRejects(call: () => Promise<unknown>, code: RxforceErrorCode): Promise<void> {
  const outcome: unknown = await call().then(
    (value) => assert.fail(`resolves with ${kindOf(value)}, and does not reject`),
    (error: unknown) => error,
  );
  if (!RxforceError.is(outcome)) assert.fail(`rejects with ${kindOf(outcome)}, and with no error of rxforce`);
  assert.equal(outcome.code, code, outcome.message);
}

/** The ids of some entries. */
export function idsOf(some: readonly LogEntry[]): readonly string[] {
  return some.map(({ id }) => id);
}

/** Reads so many entries. Waits for them, if need be. */
export function read(log: EventLog, from: LogStart['from'], count: number, partition = 0, topic = TOPIC) {
  const reading = new Reading(log, { topic, partition, from }).start();
  reading.want(count);
  return reading
    .until(() => reading.entries.length >= count)
    .then(() => reading.entries)
    .finally(() => reading.stop());
}

/** All that a partition has, and not one more. */
export async function readAll(log: EventLog, from: LogStart['from'], partition = 0, topic = TOPIC) {
  const { events } = await log.lag(topic, partition, from instanceof ReplayId ? from : undefined);
  const reading = new Reading(log, { topic, partition, from });
  reading.start();
  reading.want(100_000);
  // Entries that the engine has twice come once, so their number does not tell.
  if (events !== 0) await reading.until(() => reading.last?.entries.length === 0 && reading.last.latest !== undefined);
  // A response without entries comes when nothing more is there.
  await reading.untilQuiet();
  reading.stop();
  return reading.entries;
}

/** After so many responses without entries, nothing more is waited for. */
const MOST_IDLE = 200;

/** One reading, and what came of it. */
export class Reading {
  readonly entries: LoggedEntry[] = [];
  /** How many responses came. */
  responses = 0;
  last: LogResponse | undefined;
  /** How many entries were dropped before the oldest, as often as it was told. */
  readonly dropped: number[] = [];
  error: unknown;
  isComplete = false;
  wanted = 0;
  private readonly demand = new Subject<number>();
  private readonly changed = new Subject<void>();
  private stopReading: () => void = () => undefined;

  constructor(
    private readonly log: EventLog,
    private readonly at: LogStart,
  ) {}

  start(): this {
    // The first number may come while the log subscribes.
    const demand = new Observable<number>((subscriber) => {
      if (this.wanted > 0) subscriber.next(this.wanted);
      return this.demand.subscribe(subscriber);
    });
    const subscription = this.log.read(this.at, demand).subscribe({
      next: (response) => this.take(response),
      error: (error: unknown) => {
        this.error = error;
        this.changed.next();
      },
      complete: () => {
        this.isComplete = true;
        this.changed.next();
      },
    });
    this.stopReading = () => subscription.unsubscribe();
    return this;
  }

  want(count: number): void {
    this.wanted += count;
    this.demand.next(count);
  }

  endDemand(): void {
    this.demand.complete();
  }

  stop(): void {
    this.stopReading();
  }

  /** Waits for a condition, which is looked at whenever something came. */
  async until(condition: () => boolean): Promise<void> {
    for (let idle = 0; !condition(); idle = this.last?.entries.length === 0 ? idle + 1 : 0) {
      if (idle > MOST_IDLE) assert.fail('has brought nothing more, and more was to come');
      if (this.error !== undefined) throw this.error as Error;
      if (this.isComplete) assert.fail('is complete, and has not brought what was to come');
      await new Promise<void>((resolve) => {
        const subscription = this.changed.subscribe(() => {
          subscription.unsubscribe();
          resolve();
        });
      });
    }
  }

  /** Waits for a response without entries. */
  async untilQuiet(): Promise<void> {
    const { responses } = this;
    await this.until(() => this.responses > responses && this.last?.entries.length === 0);
  }

  private take(given: LogResponse): void {
    const response = readAnswer(given, this.wanted - this.entries.length);
    this.responses++;
    this.last = response;
    if (response.dropped !== undefined) this.dropped.push(response.dropped);
    this.entries.push(...response.entries);
    this.changed.next();
  }
}
