import { expect } from 'chai';
import { seededSuite } from '../packages/core/test/fault/support/seeded.js';
import { fuzzAnswers, fuzzRequests } from '../scripts/fuzz/calls.js';
import { fuzzDecoder } from '../scripts/fuzz/decoder.js';
import { count, Finding, newTally } from '../scripts/fuzz/finding.js';
import { fuzzWire } from '../scripts/fuzz/wire.js';

/** Enough for all kinds of inputs. `npm run fuzz` makes a million. */
const INPUTS = 4_000;

describe('The readers of what the service sends', function () {
  this.timeout(120_000);
  const random = seededSuite(20_261_129);

  it('read answers with events as protobufjs does, or refuse them where they are broken', () => {
    const tally = fuzzWire(INPUTS, random);
    expect(tally.inputs).to.equal(INPUTS);
    for (const kind of ['same', 'bothRefused', 'oursRefused'] as const) expect(tally[kind], kind).to.be.above(100);
  });

  it('read other answers as protobufjs does, or refuse them where they are broken', () => {
    const tally = fuzzAnswers(INPUTS, random);
    expect(tally.inputs).to.equal(INPUTS);
    for (const kind of ['same', 'bothRefused', 'oursRefused'] as const) expect(tally[kind], kind).to.be.above(100);
  });

  it('stand beside writers of requests, in which protobufjs reads what was written, in as many bytes', () => {
    expect(fuzzRequests(INPUTS, random).same).to.equal(INPUTS);
  });

  it('read payloads as avsc does, compiled and interpreted, or refuse them where they are broken', () => {
    const tally = fuzzDecoder(INPUTS, random);
    expect(tally.inputs).to.equal(INPUTS);
    for (const kind of ['same', 'bothRefused'] as const) expect(tally[kind], kind).to.be.above(500);
  });

  it('would be found to differ, with the input', () => {
    const tally = newTally('x');
    const differ = () => count(tally, Buffer.from('ab'), { value: { a: [1, 2n] } }, { value: { a: [1, 3n] } });
    expect(differ).to.throw(Finding, /input {2}6162/);
    expect(() => count(tally, Buffer.from('ab'), { value: 1 }, { refused: 'cut off' })).to.throw(Finding, 'cut off');
    const refuse = () => count(tally, Buffer.from('ab'), { refused: 'odd' }, { value: 1 }, true);
    expect(refuse).to.throw(Finding, 'odd');
  });
});
