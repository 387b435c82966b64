import { expect } from 'chai';
import { firstLineOf, formatRecord, letterOf, parseRecord, type LetterRecord } from './letter-record.js';

const removes = new Map([
  ['other', [2, 3]],
  ['more', [7]],
]);
const FILE = 'the-file';
const LETTER = '{"id":"a","text":",\\"letter\\":\u2028😀"}';
const put: LetterRecord = {
  type: 'put',
  more: 2,
  id: 'a,"letter":"checksum"\n',
  lastFailedAt: 5,
  putAt: 6,
  removes,
  letter: LETTER,
};

/** A line without its end, as it is read. */
const bytesOf = (text: string) => Buffer.from(text.slice(0, -1));

describe('A line of a dead-letter file', () => {
  it('says what was written', () => {
    const head = parseRecord(bytesOf(formatRecord(4, put)), 4, FILE).unwrap();
    expect({ ...head, letter: LETTER }).to.deep.equal({ line: 4, ...put });
    expect(letterOf(bytesOf(formatRecord(4, put))).unwrap()).to.equal(LETTER);
    const removal = { type: 'remove', removes } as const;
    expect(parseRecord(bytesOf(formatRecord(5, removal)), 5, FILE).unwrap()).to.deep.equal({ line: 5, ...removal });
    expect(parseRecord(bytesOf(firstLineOf(FILE)), 1, FILE).unwrap()).to.include({ type: 'begin' });
  });

  it('is JSON, on one line', () => {
    for (const text of [firstLineOf(FILE), formatRecord(4, put)]) {
      expect(text.indexOf('\n')).to.equal(text.length - 1);
      expect(JSON.parse(text)).to.have.property('checksum').that.is.a('string');
    }
    expect(JSON.parse(formatRecord(4, put)))
      .to.have.property('letter')
      .that.deep.equals(JSON.parse(LETTER));
  });

  it('is refused, when it is cut off, wherever', () => {
    const whole = bytesOf(formatRecord(4, put));
    for (let length = 0; length < whole.length; length++) {
      expect(parseRecord(whole.subarray(0, length), 4, FILE).val).to.match(/not a whole line/);
      expect(letterOf(whole.subarray(0, length)).val).to.match(/not a whole line/);
    }
  });

  it('is refused, when a byte of it is changed, whichever', () => {
    const whole = bytesOf(formatRecord(4, put));
    for (let index = 0; index < whole.length; index++) {
      const changed = Buffer.from(whole);
      changed[index]! ^= 0x81;
      expect(parseRecord(changed, 4, FILE).val).to.match(/not a whole line|checksum does not match/);
      expect(letterOf(changed).ok).to.equal(false);
    }
  });

  it('is refused in the place of another', () => {
    expect(parseRecord(bytesOf(formatRecord(4, put)), 5, FILE).val).to.match(/it is line 4, so lines are missing/);
    expect(parseRecord(bytesOf(firstLineOf(FILE)), 2, FILE).val).to.match(/it is line 1/);
  });

  it('is refused, when it begins another file, or one of another format', () => {
    expect(parseRecord(bytesOf(firstLineOf('other')), 1, FILE).val).to.match(/it begins the file other/);
    expect(parseRecord(bytesOf(formatRecord(1, put)), 1, FILE).val).to.match(/format undefined.*knows format 1 only/);
  });
});
