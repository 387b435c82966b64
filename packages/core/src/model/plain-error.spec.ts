import { inspect } from 'node:util';
import { expect } from 'chai';
import { plainError } from './plain-error.js';

const SECRET = 'hunter2';

/** What a debugger or a log that inspects errors can show of a value, at most. */
const shown = (value: unknown) => inspect(value, { depth: Infinity, showHidden: true, maxStringLength: Infinity });

describe('plainError', () => {
  /** As ioredis makes them. */
  const replyError = (message: string, details: object = {}) => {
    const error = Object.assign(new Error(message), { command: { name: 'auth', args: [SECRET] }, ...details });
    return Object.defineProperty(error, 'name', { value: 'ReplyError' });
  };

  it('has the name, the message and the places of the other, and nothing else', () => {
    const error = replyError('WRONGPASS invalid', { code: 'X', buffer: Buffer.from(SECRET) });
    const plain = plainError(error) as Error;
    expect(plain).to.be.instanceOf(Error);
    expect([plain.name, plain.message]).to.deep.equal(['ReplyError', 'WRONGPASS invalid']);
    expect(plain.stack).to.match(/^ReplyError: WRONGPASS invalid\n {4}at .*plain-error\.spec/);
    expect(Object.keys(plain)).to.deep.equal([]);
    expect(shown(plain))
      .not.to.include(SECRET)
      .and.not.to.include(shown(Buffer.from(SECRET)));
  });

  it('has no causes, nor errors of nodes', () => {
    const inner = replyError('inner');
    for (const details of [
      { cause: inner },
      { lastNodeError: inner },
      { previousErrors: [inner] },
      { errors: [inner] },
    ]) {
      expect(shown(plainError(replyError('outer', details)))).not.to.include(SECRET);
    }
  });

  it('has nothing that the text leaves out, although the message and the stack of the other have it', () => {
    const error = replyError(`unknown command 'AUTH' with '${SECRET}'`);
    expect(error.stack).to.include(SECRET);
    expect(shown(plainError(error, (text) => text.replace(/ with .*$/, ''))))
      .to.include("unknown command 'AUTH'")
      .and.not.include(SECRET);
    expect(plainError(SECRET, () => 'a text')).to.equal('a text');
  });

  it('says the code of an error without a message', () => {
    expect(plainError(Object.assign(new Error(''), { code: 'ECONNREFUSED' }))).to.include({ message: 'ECONNREFUSED' });
    expect(plainError(Object.assign(new Error(''), { stack: undefined }))).to.include({ message: '' });
  });

  it('is the text that was thrown, or the type of anything else', () => {
    expect(plainError('text')).to.equal('text');
    expect([plainError({ password: SECRET }), plainError(null), plainError(undefined)]).to.deep.equal([
      '(object)',
      '(null)',
      '(undefined)',
    ]);
  });
});
