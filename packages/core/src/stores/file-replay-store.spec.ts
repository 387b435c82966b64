import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { expect } from 'chai';
import { rejection } from '../../test/support/rejection.js';
import { RxforceError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { PositionKey, ReplayStore } from '../ports/replay-store.js';
import { replayStoreContract } from '../testing/replay-store-contract.js';
import { fileReplayStore } from './file-replay-store.js';
import { positionFileStem } from './position-file.js';

const KEY: PositionKey = { organizationId: '00D000000000001', topic: '/data/AccountChangeEvent', name: 'crm-sync' };
const STEM = positionFileStem(KEY);
const FILE = `${STEM}.json`;
const idOf = (text: string) => ReplayId.fromBytes(Buffer.from(text));
const [FIRST, SECOND] = [idOf('first'), idOf('second')];

/** Root may read and write everything. */
const isRoot = process.getuid?.() === 0;

describe('fileReplayStore', () => {
  let directory = '';
  let store: ReplayStore;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rxforce-replay-'));
    store = fileReplayStore(directory);
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const files = () => readdirSync(directory);
  const lockFiles = () => files().filter((name) => name.startsWith(`${STEM}.lock.`));
  const modesIn = (path: string) =>
    readdirSync(path).map((name) => (statSync(join(path, name)).mode & 0o777).toString(8));
  const errorOf = async (call: Promise<unknown>): Promise<RxforceError> => {
    const error = await rejection(call);
    expect(error).to.be.instanceOf(RxforceError);
    return error as RxforceError;
  };

  describe('keeps the contract', () => {
    const options = { open: () => fileReplayStore(directory), reopen: () => fileReplayStore(directory) };
    for (const { name, run } of replayStoreContract(options)) it(name, run);
  });

  it('has one file for a position, and none for a lock that was released', async () => {
    const lock = await store.lock!(KEY);
    await store.save(KEY, FIRST);
    await store.save(KEY, SECOND);
    expect(files()).to.have.members([FILE, ...lockFiles()]);
    await lock.release();
    expect(files()).to.deep.equal([FILE]);
  });

  it('saves without a lock, also when it has released one', async () => {
    await store.save(KEY, FIRST);
    await (await store.lock!(KEY)).release();
    await store.save(KEY, SECOND);
    expect(String(await store.load(KEY))).to.equal(SECOND.toString());
  });

  it('deletes nothing, when its lock is gone', async () => {
    await store.lock!(KEY);
    await store.save(KEY, FIRST);
    lockFiles().forEach((name) => rmSync(join(directory, name)));
    expect(await errorOf(store.delete!(KEY))).to.have.property('code', 'position-in-use');
    expect(await fileReplayStore(directory).load(KEY)).to.deep.equal(FIRST);
  });

  it('makes the directory and those above it, when they are missing', async () => {
    const deep = join(directory, 'a', 'b');
    expect(await fileReplayStore(deep).load(KEY)).to.equal(undefined);
    expect(files()).to.deep.equal(['a']);
    const other = fileReplayStore(join(directory, 'c', 'd'));
    await (await other.lock!(KEY)).release();
    await fileReplayStore(join(directory, 'e')).save(KEY, FIRST);
    expect(files()).to.deep.equal(['a', 'c', 'e']);
  });

  it("keeps positions and locks for their owner alone, also where others' rights were wider", async () => {
    const path = join(directory, 'positions');
    const own = fileReplayStore(path);
    const lock = await own.lock!(KEY);
    await own.save(KEY, FIRST);
    chmodSync(join(path, FILE), 0o644);
    await own.save(KEY, SECOND);
    expect(modesIn(path)).to.deep.equal(['600', '600']);
    expect(statSync(path).mode & 0o777).to.equal(0o700);
    await lock.release();
  });

  it('replaces a link that is in the place of a position, and not what that leads to', async () => {
    const victim = join(directory, 'victim');
    writeFileSync(victim, 'kept');
    symlinkSync(victim, join(directory, FILE));
    await store.save(KEY, FIRST);
    expect(readFileSync(victim, 'utf8')).to.equal('kept');
    expect(String(await store.load(KEY))).to.equal(FIRST.toString());
  });

  it('stays in its directory, whatever a position is called', async () => {
    const below = join(directory, 'below');
    const names = ['../x', '../../etc/passwd', '/etc/passwd', '..', '.', '', 'a/b', 'C:\\x', 'x\0y', 'ü'.repeat(500)];
    for (const name of names) {
      await fileReplayStore(below).save({ ...KEY, name }, FIRST);
      expect(String(await fileReplayStore(below).load({ ...KEY, name }))).to.equal(FIRST.toString());
    }
    expect(files()).to.deep.equal(['below']);
    expect(readdirSync(below)).to.have.length(names.length);
  });

  it('stays where it is, when the process goes to another directory', async () => {
    const before = process.cwd();
    const relativeStore = fileReplayStore(relative(before, directory));
    process.chdir(tmpdir());
    try {
      await relativeStore.save(KEY, FIRST);
    } finally {
      process.chdir(before);
    }
    expect(files()).to.deep.equal([FILE]);
  });

  it('cleans up what those before left, when it locks, and of no other position', async () => {
    const left = [
      `${STEM}.tmp.1`,
      `${STEM}.tmp.2`,
      `${positionFileStem({ ...KEY, name: 'other' })}.tmp.1`,
      'notes.txt',
    ];
    for (const name of left) writeFileSync(join(directory, name), '{"version":1,"org');
    const lock = await store.lock!(KEY);
    expect(files()).to.have.members([...left.slice(2), ...lockFiles()]);
    expect(await store.load(KEY)).to.equal(undefined);
    await lock.release();
  });

  for (const bad of ['', '  ', 'a\0b', undefined, null, 5, {}]) {
    it(`throws, when its directory is ${JSON.stringify(bad)}`, () => {
      expect(() => fileReplayStore(bad as string))
        .to.throw(/needs the path of a directory/)
        .with.property('code', 'configuration');
    });
  }

  describe('refuses a file that is no position:', () => {
    const position = async () => {
      await store.save(KEY, FIRST);
      return readFileSync(join(directory, FILE));
    };
    const expectDamaged = async (what: RegExp) => {
      const error = await errorOf(store.load(KEY));
      expect(error).to.include({ code: 'position-corrupted', retriable: false, topic: KEY.topic });
      expect(error.message)
        .to.match(what)
        .and.include(join(directory, FILE))
        .and.match(/delete it.*from/);
    };

    it('empty', async () => {
      writeFileSync(join(directory, FILE), '');
      await expectDamaged(/it is empty/);
    });

    it('cut off, at each byte', async () => {
      const whole = await position();
      for (let length = 1; length < whole.length; length++) {
        writeFileSync(join(directory, FILE), whole.subarray(0, length));
        await expectDamaged(/not a whole line/);
      }
    });

    it('changed, in each byte', async () => {
      const whole = await position();
      for (let index = 0; index < whole.length; index++) {
        const changed = Buffer.from(whole);
        changed[index]! ^= 0x81;
        writeFileSync(join(directory, FILE), changed);
        await expectDamaged(/not a whole line|checksum/);
      }
    });

    it('changed by hand', async () => {
      const whole = await position();
      writeFileSync(join(directory, FILE), whole.toString().replace(FIRST.toString(), SECOND.toString()));
      await expectDamaged(/checksum does not match/);
    });

    it("another's, copied", async () => {
      const whole = await position();
      const other = { ...KEY, name: 'other' };
      writeFileSync(join(directory, `${positionFileStem(other)}.json`), whole);
      const error = await errorOf(store.load(other));
      expect(error).to.include({ code: 'position-corrupted' });
      expect(error.message).to.include('it is the position "crm-sync"');
    });

    it('a directory', async () => {
      mkdirSync(join(directory, FILE));
      await expectDamaged(/it is a directory/);
      expect(await errorOf(store.save(KEY, FIRST))).to.include({ code: 'replay-store', retriable: false });
      expect(files()).to.include(FILE);
    });

    it('until it is deleted', async () => {
      writeFileSync(join(directory, FILE), 'x');
      await store.delete?.(KEY);
      expect(await store.load(KEY)).to.equal(undefined);
    });

    it('until it is saved anew', async () => {
      writeFileSync(join(directory, FILE), 'x');
      await store.save(KEY, FIRST);
      expect(String(await store.load(KEY))).to.equal(FIRST.toString());
    });
  });

  describe('rejects with an error that says why, for', () => {
    const everything = async (path: string) => {
      const bad = fileReplayStore(path);
      return [await errorOf(bad.load(KEY)), await errorOf(bad.save(KEY, FIRST)), await errorOf(bad.lock!(KEY))];
    };

    it('a file in place of the directory', async () => {
      const path = join(directory, 'file');
      writeFileSync(path, 'x');
      for (const error of [...(await everything(path)), ...(await everything(join(path, 'below')))]) {
        expect(error).to.include({ code: 'replay-store', retriable: false });
        expect(error.message).to.include(path).and.include('choose another directory');
      }
      expect(readFileSync(path, 'utf8')).to.equal('x');
    });

    it('a link to nowhere in place of the directory, and never that nothing was saved', async () => {
      const path = join(directory, 'link');
      symlinkSync(join(directory, 'gone', 'gone'), path);
      for (const error of await everything(path)) expect(error).to.include({ code: 'replay-store' });
    });

    it('a directory in place of a lock, without waiting for it to be given back', async () => {
      const path = join(directory, `${STEM}.lock.x`);
      mkdirSync(path);
      const error = await errorOf(store.lock!(KEY));
      expect(error).to.include({ code: 'replay-store', retriable: false });
      expect(error.message).to.include(`${path} is a directory`).and.include('move it away');
      expect(files()).to.deep.equal([basename(path)]);
    });

    it('a path that is too long', async () => {
      for (const error of await everything(join(directory, 'x'.repeat(300)))) {
        expect(error).to.include({ code: 'replay-store', retriable: false });
      }
    });

    it('a time that is none', async () => {
      expect(await errorOf(store.save(KEY, new Date(NaN)))).to.include({ code: 'replay-store', retriable: false });
      expect(await store.load(KEY)).to.equal(undefined);
    });

    it('a directory it may not write', async function () {
      if (isRoot) this.skip();
      chmodSync(directory, 0o555);
      const path = basename(directory);
      expect(await store.load(KEY)).to.equal(undefined);
      const errors = [await errorOf(store.save(KEY, FIRST)), await errorOf(store.lock!(KEY))];
      for (const error of errors) {
        expect(error).to.include({ code: 'replay-store', retriable: false }).and.property('message').include(path);
      }
      chmodSync(directory, 0o755);
    });

    it('a file it may not read', async function () {
      if (isRoot) this.skip();
      await store.save(KEY, FIRST);
      chmodSync(join(directory, FILE), 0);
      expect(await errorOf(store.load(KEY))).to.include({ code: 'replay-store', retriable: false });
    });
  });
});
