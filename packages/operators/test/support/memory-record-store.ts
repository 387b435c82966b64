import type { KnownRecord, RecordStore } from '../../src/records/record-store.js';

/** A store in memory that answers when the test says so. */
export interface MemoryRecordStore<T> extends RecordStore<T> {
  /** What is saved, by `Entity id`. */
  readonly records: Map<string, KnownRecord<T>>;
  /** The calls so far, such as `load Account 1`. */
  readonly calls: readonly string[];
  /** How many calls wait for an answer. */
  pending(): number;
  /** Answers one of the calls that wait, the oldest by default, and lets what follows from it happen. */
  answer(index?: number): Promise<void>;
  /** Answers all calls, and those that follow from them, the oldest first. */
  answerAll(): Promise<void>;
}

/**
 * Makes a store that nothing is saved in. It fails a test that calls for a record twice at the same time.
 *
 * @param fail - The error of a call, if any.
 */
export function memoryRecordStore<T = Record<string, unknown>>(
  fail: (call: string) => Error | undefined = () => undefined,
): MemoryRecordStore<T> {
  const records = new Map<string, KnownRecord<T>>();
  const calls: string[] = [];
  const waiting: { readonly key: string; readonly answer: () => void }[] = [];
  const call = <R>(name: string, key: string, done: () => R) => {
    if (waiting.some((other) => other.key === key)) throw new Error(`${key} is in use already.`);
    calls.push(`${name} ${key}`);
    return new Promise<R>((resolve, reject) => {
      const error = fail(`${name} ${key}`);
      const answer = () => (error ? reject(error) : resolve(done()));
      waiting.push({ key, answer });
    });
  };
  const answer = async (index = 0) => {
    const [next] = waiting.splice(index, 1);
    next?.answer();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    records,
    calls,
    pending: () => waiting.length,
    answer,
    answerAll: async () => {
      while (waiting.length > 0) await answer();
    },
    load: (entityName, recordId) => {
      const key = `${entityName} ${recordId}`;
      return call('load', key, () => records.get(key));
    },
    save: (entityName, recordId, record) => {
      const key = `${entityName} ${recordId}`;
      return call('save', key, () => {
        if (record) records.set(key, structuredClone(record));
        else records.delete(key);
      });
    },
  };
}
