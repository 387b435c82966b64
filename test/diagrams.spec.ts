import { expect } from 'chai';
import { parseDiagram } from '../scripts/docs/marble.js';
import { drawDiagram } from '../scripts/docs/picture.js';
import { wellFormed } from './support/xml.js';

describe('parseDiagram', () => {
  it('reads times and groups as the tests do', () => {
    const { rows, isShortened } = parseDiagram('source  -a 6ms (bc|)\n  call\nresult  9ms #');
    expect(rows).to.deep.equal([
      {
        type: 'stream',
        title: 'source',
        marbles: '-a 6ms (bc|)',
        messages: [
          { frame: 1, kind: 'N', value: 'a' },
          { frame: 8, kind: 'N', value: 'b' },
          { frame: 8, kind: 'N', value: 'c' },
          { frame: 8, kind: 'C', value: '' },
        ],
      },
      { type: 'operator', call: 'call' },
      { type: 'stream', title: 'result', marbles: '9ms #', messages: [{ frame: 9, kind: 'E', value: '' }] },
    ]);
    expect(isShortened).to.equal(false);
  });

  it('shortens a long silence in all streams alike', () => {
    const { rows, isShortened } = parseDiagram('source  a 5s b-c\n  call\nresult  5s -a 1ms b');
    const frames = rows.flatMap((row) => (row.type === 'stream' ? [row.messages.map(({ frame }) => frame)] : []));
    expect(frames).to.deep.equal([
      [0, 25, 27],
      [25, 27],
    ]);
    expect(isShortened).to.equal(true);
  });

  it('keeps what a diagram says about values, on any of its lines', () => {
    const { legend } = parseDiagram(
      'source  -a|   a = 1, b = [2, 3]\n        call(x)    it takes 3\nresult  -a|\n   c = 4',
    );
    expect(legend).to.deep.equal(['a = 1', 'b = [2, 3]', 'it takes 3', 'c = 4']);
  });

  it('refuses a diagram without a result', () => {
    expect(() => parseDiagram('source  -a|\n        call(x)')).to.throw('a result');
  });
});

describe('drawDiagram', () => {
  it('draws the same picture each time, wide enough for a long call', () => {
    const text = `source  -a|\n        call(${'x'.repeat(80)})\nresult  -a|`;
    const drawn = drawDiagram(parseDiagram(text));
    expect(drawn).to.equal(drawDiagram(parseDiagram(text)));
    expect(Number(wellFormed(drawn).getAttribute('width'))).to.be.greaterThan(86 * 9.6);
  });
});
