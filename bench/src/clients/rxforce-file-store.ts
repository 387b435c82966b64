/**
 * Our client with its position in a file, worked with in a plain subscriber.
 *
 * @packageDocumentation
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileReplayStore } from '@rxforce/core';
import type { ClientParameters } from '../processes/messages.js';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { Meter } from './meter.js';
import { rxforceClient } from './rxforce-client.js';

const meter = new Meter<ClientParameters & { readonly window: number }>(LAST_COMMIT_NUMBER);
const { window } = meter.parameters;
const folder = mkdtempSync(join(tmpdir(), 'rxforce-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

rxforceClient(meter.parameters)
  .changes('Account', { replay: { from: 'earliest', store: fileReplayStore(folder) }, window })
  .subscribe({
    next: ({ header }) => meter.handled(header.sequenceNumber, header.commitNumber),
    error: meter.fail,
  });
