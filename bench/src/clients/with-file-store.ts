import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, fileReplayStore, staticSession } from '@rxforce/core';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { SESSION } from './credentials.js';
import { Meter } from './meter.js';

/** Runs our client with its position in a file, worked with in a plain subscriber. */
export function runWithFileStore(window: number): void {
  const meter = new Meter(LAST_COMMIT_NUMBER);
  const { endpoint, ca } = meter.parameters;
  const client = createClient({ auth: staticSession(SESSION), endpoint, tls: { ca } });
  const folder = mkdtempSync(join(tmpdir(), 'rxforce-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  client.changes('Account', { replay: { from: 'earliest', store: fileReplayStore(folder) }, window }).subscribe({
    next: ({ header }) => meter.handled(header.sequenceNumber, header.commitNumber),
    error: meter.fail,
  });
}
