import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fileSink } from './file-sink.js';
import { SinkError, type SinkEvent } from './sink.js';

const event = (id: string) =>
  ({ id, topic: '/event/A__e', replayId: 'AA==', data: { big: 5n } }) as unknown as SinkEvent;
const context = { attempt: 1, signal: new AbortController().signal };

describe('fileSink', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxforce-file-sink-'));
    path = join(folder, 'events/all.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const idsIn = (file: string) =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);

  it('adds lines in the order of the writes, also of those that come while it writes', async () => {
    const sink = fileSink({ path, max_bytes: 10_000, keep: 1 });
    const ids = Array.from({ length: 50 }, (_, index) => `e${index}`);
    await Promise.all(ids.map((id) => sink.write([event(id)], context)));
    await sink.close?.();
    expect(idsIn(path)).to.deep.equal(ids);
    expect(readFileSync(path, 'utf8')).to.include('"big":"5"');
  });

  it('makes the last directory of its path, and refuses when another one is missing', async () => {
    const sink = fileSink({ path: join(folder, 'no/such/all.jsonl'), max_bytes: 10_000, keep: 1 });
    const error = await sink.check?.().catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(SinkError).and.to.include({ retriable: false });
    expect(error)
      .to.have.property('message')
      .that.includes(`cannot be written: there is no directory ${join(folder, 'no')}. Make it, or correct the path.`);
    expect(existsSync(join(folder, 'no'))).to.equal(false);
    await sink.close?.();
  });

  it('waits for a directory that is gone in the middle of a run', async () => {
    const sink = fileSink({ path: join(folder, 'no', 'such', 'lines.jsonl'), max_bytes: 1_000, keep: 1 });
    const failed: unknown = await sink
      .write([], { attempt: 1, signal: new AbortController().signal })
      .catch((error: unknown) => error);
    expect(failed).to.include({ retriable: true, outage: true });
  });

  it('begins a new file when one is long enough, and keeps a few', async () => {
    const sink = fileSink({ path, max_bytes: 150, keep: 2 });
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) await sink.write([event(id)], context);
    await sink.close?.();
    expect([`${path}.2`, `${path}.1`, path].flatMap(idsIn)).to.deep.equal(['c', 'd', 'e', 'f', 'g', 'h']);
    expect(existsSync(`${path}.3`)).to.equal(false);
  });

  it('begins a line anew after one that a crash has cut off', async () => {
    const first = fileSink({ path, max_bytes: 10_000, keep: 1 });
    await first.write([event('a')], context);
    await first.close?.();
    appendFileSync(path, '{"id":"cut');
    const second = fileSink({ path, max_bytes: 10_000, keep: 1 });
    await second.write([event('b')], context);
    await second.close?.();
    const [a, cut, b] = readFileSync(path, 'utf8').split('\n');
    expect(
      [JSON.parse(a ?? ''), cut, JSON.parse(b ?? '')].map((each: unknown) => (each as { id?: string }).id ?? each),
    ).to.deep.equal(['a', '{"id":"cut', 'b']);
  });

  it('rejects with an error that may pass, and tries anew, when the file cannot be written', async () => {
    const sink = fileSink({ path: '/dev/null/x', max_bytes: 10, keep: 1 });
    const failure = () => sink.write([event('a')], context).catch((thrown: unknown) => thrown);
    expect(await failure())
      .to.be.instanceOf(SinkError)
      .and.include({ retriable: true });
    expect(await failure()).to.be.instanceOf(SinkError);
  });
});
