import { expect } from 'chai';
import { FeedWriter } from './feed-writer.js';

describe('FeedWriter', () => {
  const setup = (values: readonly unknown[]) => {
    const left = [...values];
    const target = {
      writableLength: 0,
      written: [] as string[],
      write: (text: string) => void target.written.push(text),
    };
    return { target, left, writer: new FeedWriter(target, { next: () => left.shift() }) };
  };

  it('writes each thing as an event, and nothing where there is nothing', () => {
    const { target, writer } = setup([{ a: 1 }, undefined, { b: 'line\n\nline' }]);
    for (let turn = 0; turn < 4; turn++) writer.tick();
    expect(target.written).to.deep.equal(['data: {"a":1}\n\n', 'data: {"b":"line\\n\\nline"}\n\n']);
  });

  it('leaves out a client for a turn, without asking the feed, when too much waits for it', () => {
    const { target, writer, left } = setup([1, 2, 3]);
    writer.tick();
    target.writableLength = 64 * 1024 + 1;
    writer.tick();
    expect(left).to.deep.equal([2, 3]);
    target.writableLength = 0;
    writer.tick();
    expect(target.written).to.deep.equal(['data: 1\n\n', 'data: 2\n\n']);
  });
});
