/**
 * Reads the accounts of an org and then every change, and appends each to a journal. It runs until it is killed.
 *
 * @packageDocumentation
 */
import { join } from 'node:path';
import { clientCredentials, createClient, fileReplayStore, type ChangeEvent } from '@rxforce/core';
import { batchBy, handle } from '@rxforce/operators';
import { records } from '@rxforce/records';
import { appendLines } from '../../../../../test/support/appended-lines.js';
import type { Account, Entry, Task } from './journal.js';

/** So that records are in work when it is killed. */
const WORK_MS = 10;

const { directory, login, endpoint, pageSize, fields } = JSON.parse(process.argv[2] ?? '') as Task;

const client = createClient({ auth: clientCredentials(login), endpoint, insecure: true });
const store = fileReplayStore(join(directory, 'replay'));

const entryOf = ({ header, data }: ChangeEvent<Account>): Entry => {
  const { recordIds, changeType, changedFields, nulledFields } = header;
  return { recordIds, changeType, changedFields, nulledFields, data };
};

const accounts$ = records<Account>(client, 'Account', { fields, pageSize }).changes({
  replay: { store, name: 'mirror', commitIntervalMs: 20 },
  queryLagMs: 0,
});

accounts$.status$.subscribe(
  (status) => status.type === 'snapshot' && status.phase === 'done' && process.send?.('read'),
);
accounts$
  .pipe(
    batchBy(100, 20),
    handle(async (events) => {
      await new Promise((resolve) => setTimeout(resolve, WORK_MS));
      // In the system's hands once this returns: a kill loses nothing of it.
      appendLines(
        join(directory, 'journal'),
        events.map((event) => JSON.stringify(entryOf(event))),
      );
    }),
  )
  .subscribe({
    error: (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  });
