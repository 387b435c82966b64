import { BehaviorSubject, filter, firstValueFrom, scan } from 'rxjs';
import type { EventLog, LoggedEntry } from '@rxforce/core';

/** The entries of a topic that are in a partition twice, by what tells them apart. */
export async function entriesTwice(log: EventLog, topic: string, partitions: number): Promise<readonly string[]> {
  const twice: string[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const { events = 0 } = await log.lag(topic, partition, undefined);
    const keys = (await firstEntries(log, topic, partition, events)).map(
      ({ id, origin }) => `${origin.toString()} ${id}`,
    );
    twice.push(...keys.filter((key, index) => keys.indexOf(key) !== index).map((key) => `${partition} ${key}`));
  }
  await log.close();
  return twice;
}

async function firstEntries(log: EventLog, topic: string, partition: number, count: number) {
  if (count === 0) return [];
  const read$ = log.read({ topic, partition, from: 'earliest' }, new BehaviorSubject(count)).pipe(
    scan<{ entries: readonly LoggedEntry[] }, LoggedEntry[]>((all, { entries }) => [...all, ...entries], []),
    filter(({ length }) => length >= count),
  );
  return firstValueFrom(read$);
}
