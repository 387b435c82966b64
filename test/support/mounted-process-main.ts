import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileReplayStore } from '@rxforce/core';
import { ReplayId } from '@rxforce/core/model';
import { deadLetterOf, fileDeadLetterQueue } from '@rxforce/dead-letters';
import type { MountedReport } from './mounted-process.js';

/*
 * Uses both file stores in a directory below the one given, whose file system is what the test mounted there. With
 * `full` as its second argument it fills that first, and makes room at the end.
 */
const [, , mounted = '', mode] = process.argv;
const KEY = { organizationId: '00D000000000001', topic: '/data/AccountChangeEvent', name: 'crm' };
const directory = join(mounted, 'missing', 'below');
const store = fileReplayStore(directory);
const queue = fileDeadLetterQueue(directory);
const filler = join(mounted, 'filler');

function fill(): void {
  for (const bytes of [4096, 1]) {
    try {
      for (;;) writeFileSync(filler, Buffer.alloc(bytes), { flag: 'a' });
    } catch {
      // It is full now.
    }
  }
}

async function attempt(what: string, call: Promise<unknown>): Promise<MountedReport> {
  try {
    await call;
    return { what, ok: true, code: undefined, retriable: undefined, message: undefined };
  } catch (error) {
    const { code, retriable, message } = error as Partial<MountedReport>;
    return { what, ok: false, code, retriable, message };
  }
}

async function useAll(): Promise<MountedReport[]> {
  return [
    await attempt('load', store.load(KEY)),
    await attempt('save', store.save(KEY, ReplayId.fromBytes(Buffer.from('position')))),
    await attempt('lock', store.lock!(KEY)),
    await attempt('put', queue.put([deadLetterOf('value', new Error('no'))])),
    await attempt('depth', queue.depth()),
  ];
}

const reports: MountedReport[] = [];
if (mode === 'full') {
  await store.load(KEY);
  fill();
}
reports.push(...(await useAll()));
const left = existsSync(directory) ? readdirSync(directory).length : 0;
if (mode === 'full') {
  writeFileSync(filler, '');
  reports.push(...(await useAll()));
}
process.stdout.write(JSON.stringify({ reports, left }), () => process.exit());
