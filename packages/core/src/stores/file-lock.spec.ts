import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { expect } from 'chai';
import { useFakeTimers } from 'sinon';
import { rejection } from '../../test/support/rejection.js';
import { ReplayId } from '../model/replay-id.js';
import type { PositionKey, ReplayStore } from '../ports/replay-store.js';
import { fileReplayStore } from './file-replay-store.js';
import type { Holder } from './lock-file.js';
import { positionFileStem } from './position-file.js';
import { ownMark } from './process-mark.js';

const KEY: PositionKey = { organizationId: '00D000000000001', topic: '/data/AccountChangeEvent', name: 'crm-sync' };
const STEM = positionFileStem(KEY);
const ID = ReplayId.parse('AAAAAAAAAAEAAA==');

describe('The lock of a fileReplayStore', () => {
  let directory = '';
  let store: ReplayStore;
  let here: Holder;

  before(async () => {
    here = { ...(await ownMark()), since: '2026-01-02T03:04:05.000Z', token: 't' };
  });

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rxforce-lock-'));
    store = fileReplayStore(directory);
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const lockFiles = () => readdirSync(directory).filter((name) => name.startsWith(`${STEM}.lock.`));
  const other = () => join(directory, `${STEM}.lock.other`);

  /** Another's lock file, `ageMs` milliseconds old. */
  const rival = (content: Partial<Holder> | string, ageMs = 0) => {
    writeFileSync(other(), typeof content === 'string' ? content : JSON.stringify({ ...here, ...content }));
    const time = (Date.now() - ageMs) / 1000;
    utimesSync(other(), time, time);
  };

  const expectTaken = async () => {
    const lock = await store.lock!(KEY);
    expect(lockFiles()).to.have.lengthOf(1).and.not.include(`${STEM}.lock.other`);
    await lock.release();
  };

  const expectRefused = async (retriable: boolean) => {
    const refusal = await rejection(store.lock!(KEY));
    expect(refusal).to.include({ code: 'position-in-use', name: 'PositionInUseError', topic: KEY.topic, retriable });
    expect(readdirSync(directory)).to.deep.equal([`${STEM}.lock.other`]);
    return (refusal as Error).message;
  };

  /** The pid of a process that is no more. */
  const deadPid = () => spawnSync(process.execPath, ['--version']).pid;

  it('tells who has it, since when, by which file, and what to do', async () => {
    rival({});
    const message = await expectRefused(false);
    expect(message).to.include(`process ${process.pid} on host ${here.host} since 2026-01-02T03:04:05.000Z`);
    expect(message)
      .to.include(other())
      .and.include('"crm-sync"')
      .and.include(KEY.topic)
      .and.include('stop that process');
  });

  it('is not taken from a process that runs, however long it gave no sign of life', async () => {
    rival({}, 1e9);
    await expectRefused(false);
  });

  it('is taken at once from a process that is no more', async () => {
    rival({ pid: deadPid() });
    await expectTaken();
  });

  it('is taken at once from this very process, when nobody in it uses the lock', async () => {
    rival({ threadId });
    await expectTaken();
  });

  it('is not taken from another thread of this process', async () => {
    rival({ threadId: threadId + 1 });
    await expectRefused(false);
  });

  it('is taken again, when its file could not be removed as it was given back', async () => {
    const lock = await store.lock!(KEY);
    await readOnly(directory, () => lock.release());
    expect(lockFiles()).to.have.lengthOf(1);
    const next = await store.lock!(KEY);
    expect(lockFiles()).to.have.lengthOf(1);
    expect(await rejection(fileReplayStore(directory).lock!(KEY))).to.include({ code: 'position-in-use' });
    await next.release();
    expect(lockFiles()).to.deep.equal([]);
  });

  it('is taken again, when the directory became read-only while it was being taken', async () => {
    // Each try stops at another moment.
    for (let tries = 0; tries < 20; tries++) {
      const taking = store.lock!(KEY).catch(() => undefined);
      for (let turn = 0; turn < tries * 5; turn++) await turnOfEventLoop();
      await readOnly(directory, async () => {
        await (await taking)?.release();
      });
      await expectTaken();
    }
  });

  it('is taken from several at once', async () => {
    for (const token of ['1', '2', '3']) {
      writeFileSync(join(directory, `${STEM}.lock.${token}`), JSON.stringify({ ...here, pid: deadPid(), token }));
    }
    await expectTaken();
  });

  it('is not taken, when one of several runs', async () => {
    writeFileSync(join(directory, `${STEM}.lock.another`), JSON.stringify({ ...here, pid: deadPid() }));
    rival({});
    await expectRefused(false);
  });

  it('is not that of a position whose name begins alike', async () => {
    writeFileSync(join(directory, `${STEM}x.lock.1`), JSON.stringify(here));
    await expectTaken();
  });

  if (process.platform === 'linux') {
    it('is taken at once from a process whose pid another has got', async () => {
      const later = spawn('sleep', ['1000']);
      try {
        rival({ pid: later.pid! });
        await expectTaken();
      } finally {
        later.kill('SIGKILL');
      }
    });

    it('is not taken from a process whose name is a riddle', async () => {
      const { title } = process;
      process.title = 'a) Z 1 (b) 2';
      try {
        rival({});
        await expectRefused(false);
      } finally {
        process.title = title;
      }
    });

    it('is not taken from a process of another user', async () => {
      rival({ pid: 1, processStartedAt: '' });
      await expectRefused(false);
    });

    it('is taken at once from a process that died and was not waited for', async () => {
      const { pid, end } = await zombie();
      try {
        rival({ pid, processStartedAt: '' });
        await expectTaken();
      } finally {
        end();
      }
    });
  }

  it("is taken from a process that may have another one's pid, 30 s after its last sign of life", async () => {
    rival({ processStartedAt: '' }, 20_000);
    await expectRefused(false);
    rival({ processStartedAt: '' }, 40_000);
    await expectTaken();
  });

  const elsewhere: Record<string, Partial<Holder> | string> = {
    'another host': { host: 'elsewhere', pid: 1 },
    'another container, or an earlier boot, with the same host name': { pidSpace: 'elsewhere', pid: 1 },
    'whom the file does not tell': '',
    'whom the file tells wrongly': JSON.stringify({ pid: -1, host: 'x', pidSpace: '', processStartedAt: '' }),
  };
  for (const [whom, content] of Object.entries(elsewhere)) {
    it(`is taken from one on ${whom}, 30 s after its last sign of life`, async () => {
      rival(content, 20_000);
      expect(await expectRefused(true)).to.include('30 s after its last sign of life');
      rival(content, 40_000);
      await expectTaken();
    });
  }

  it('is not taken from one on another host, which gives a sign of life while we look', async () => {
    rival({ host: 'elsewhere' }, 20_000);
    await expectRefused(true);
    await expectRefused(true);
    rival({ host: 'elsewhere' });
    await expectRefused(false);
  });

  it('gives a sign of life every 5 s, until it is released', async () => {
    const clock = useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const lock = await store.lock!(KEY);
      const path = join(directory, lockFiles()[0]!);
      const text = readFileSync(path, 'utf8');
      for (let count = 0; count < 3; count++) {
        utimesSync(path, 1, 1);
        clock.tick(4_999);
        expect(statSync(path).mtimeMs).to.equal(1000);
        clock.tick(1);
        await until(() => statSync(path).mtimeMs > 1000);
      }
      await until(() => readFileSync(path, 'utf8') === text);
      clock.tick(5_000);
      await lock.release();
      expect(clock.countTimers()).to.equal(0);
      expect(lockFiles()).to.deep.equal([]);
    } finally {
      clock.restore();
    }
  });

  it('is lost, when its file is gone: nothing is saved, and no file is made again', async () => {
    const clock = useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const lock = await store.lock!(KEY);
      await store.save(KEY, ID);
      const before = readFileSync(join(directory, `${STEM}.json`), 'utf8');
      rmSync(join(directory, lockFiles()[0]!));
      const successor = await fileReplayStore(directory).lock!(KEY);
      const refused = await rejection(store.save(KEY, ReplayId.fromBytes(Buffer.from('newer'))));
      expect(refused).to.include({ code: 'position-in-use', retriable: false });
      clock.tick(5_000);
      // Long enough for a sign of life to be written, if one were.
      for (let count = 0; count < 20; count++) await store.load(KEY);
      expect(lockFiles()).to.have.lengthOf(1);
      await lock.release();
      expect(readFileSync(join(directory, `${STEM}.json`), 'utf8')).to.equal(before);
      expect(readdirSync(directory)).to.have.lengthOf(2).and.include(`${STEM}.json`);
      await successor.release();
    } finally {
      clock.restore();
    }
  });

  it('is lost, when the directory is gone', async () => {
    const lock = await store.lock!(KEY);
    rmSync(directory, { recursive: true });
    expect(await rejection(store.save(KEY, ID))).to.include({ code: 'position-in-use', retriable: false });
    await lock.release();
  });
});

/** A process that is dead, and whose parent does not wait for it. */
async function zombie(): Promise<{ pid: number; end: () => void }> {
  // The shell starts a child, which ends with its input, and becomes another program, which knows nothing of that
  // child.
  const script = 'cat <&3 & echo $!; exec sleep 1000 3<&-';
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
  const end = () => void parent.kill('SIGKILL');
  try {
    const pid = await new Promise<number>((resolve) => parent.stdout!.once('data', (text) => resolve(Number(text))));
    await until(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n');
    (parent.stdio[3] as Writable).end();
    await until(() => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '));
    return { pid, end };
  } catch (error) {
    end();
    throw error;
  }
}

/** Waits, turn by turn, until something is so. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Does something while nothing can be written to a directory: also not by root, who is somebody else meanwhile. */
async function readOnly(path: string, work: () => Promise<unknown>): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  chmodSync(path, 0o555);
  if (isRoot) process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(path, 0o755);
  }
}
