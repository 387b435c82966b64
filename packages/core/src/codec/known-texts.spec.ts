import { expect } from 'chai';
import { readText, textPoints } from './known-texts.js';

describe('readText', () => {
  const points = textPoints(2);
  const read = (text: string, field = 0) => {
    const bytes = Buffer.from(`<${text}>`);
    return readText(bytes, 1, bytes.length - 1, points, field);
  };

  it('tells texts apart that begin and end alike', () => {
    const texts = ['a', 'b', 'c'].map((middle) => `same ${middle.repeat(20)} same`);
    for (let times = 0; times < 5; times++) expect(texts.map((text) => read(text))).to.deep.equal(texts);
  });

  it('reads texts of all lengths, in ASCII and in others, again and again', () => {
    for (let times = 0; times < 3; times++) {
      for (let length = 0; length < 80; length++) {
        for (const text of ['x'.repeat(length), 'ü'.repeat(length), `${'x'.repeat(length)}🚀`]) {
          expect(read(text, 1)).to.equal(text);
        }
      }
    }
  });

  it('reads what is no UTF-8 as Node does', () => {
    const bytes = Buffer.from([0xff, 0x41, 0x42, 0xc3, 0x28, 0x43]);
    for (let times = 0; times < 3; times++) {
      expect(readText(bytes, 0, bytes.length, points, 0)).to.equal(bytes.toString('utf8'));
    }
  });

  it('looks no more for the texts of a field that never has the same one twice', () => {
    const own = textPoints(1);
    const bytes = Buffer.from(Array.from({ length: 100 }, (_, index) => `text number ${1_000 + index}`).join(''));
    for (let start = 0; start < bytes.length; start += 16) readText(bytes, start, start + 16, own, 0);
    expect(own[0]).to.equal(0);
    expect(readText(bytes, 0, 16, own, 0)).to.equal('text number 1000');
  });
});
