import type { EventLog, LogEntry, LogStart } from '@rxforce/core';
import { ReplayId } from '@rxforce/core';
import { kafkaLog, type KafkaLogOptions } from '@rxforce/kafka';
import { BehaviorSubject } from 'rxjs';
import type { KafkaMock } from './kafka-mock.js';

export const TOPIC = '/data/AccountChangeEvent';

/** Opens logs on a mock, and closes all of them at the end. */
export class KafkaLogs {
  private logs: EventLog[] = [];

  constructor(private readonly mock: () => KafkaMock) {}

  open(name: string, options: Partial<KafkaLogOptions> = {}): EventLog {
    const log = kafkaLog(this.mock().client(), { name, timeoutMs: 2_000, keepaliveMs: 100, ...options });
    this.logs.push(log);
    return log;
  }

  async close(): Promise<void> {
    const { logs } = this;
    this.logs = [];
    await Promise.all(logs.map((log) => log.close()));
  }
}

/** An event of one partition. */
export function entryOf(number: number, more: Partial<LogEntry> = {}): LogEntry {
  const origin = ReplayId.fromBytes(Buffer.from(String(number).padStart(10, '0')));
  const payload = Buffer.from(String(number));
  return { partition: 0, id: `event-${number}`, origin, schemaId: 'schema', payload, ...more };
}

/** A reading, and what came of it. */
export function readingOf(log: EventLog, from: LogStart['from'], wanted = 100_000, topic = TOPIC) {
  const found = { ids: [] as string[], positions: [] as ReplayId[], responses: 0, error: undefined as unknown };
  const demand = new BehaviorSubject(wanted);
  const reading = log.read({ topic, partition: 0, from }, demand).subscribe({
    next: ({ entries }) => {
      found.responses++;
      entries.forEach(({ id, position }) => {
        found.ids.push(id);
        found.positions.push(position);
      });
    },
    error: (error: unknown) => (found.error = error),
  });
  return Object.assign(found, { stop: () => reading.unsubscribe(), want: (count: number) => demand.next(count) });
}

/** What a promise rejects with. */
export function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
