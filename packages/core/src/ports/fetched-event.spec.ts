import { expect } from 'chai';
import { headersByName } from './fetched-event.js';

describe('headersByName', () => {
  it('has bytes of its own, so that an event that is kept does not keep the message that brought it', () => {
    const message = Buffer.from('traceparent=00-01');
    const headers = headersByName([{ key: 'traceparent', value: message.subarray(12) }]);
    message.fill(0);
    expect(headers).to.deep.equal({ traceparent: Uint8Array.from(Buffer.from('00-01')) });
    expect(headers.traceparent!.buffer.byteLength).to.equal(5);
  });

  it('takes the last of several with one name, and any name for a name', () => {
    const value = (text: string) => Buffer.from(text);
    const headers = headersByName([
      { key: 'a', value: value('1') },
      { key: '__proto__', value: value('2') },
      { key: 'a', value: value('3') },
    ]);
    expect(Object.keys(headers)).to.deep.equal(['a', '__proto__']);
    expect(Buffer.from(headers.a!).toString()).to.equal('3');
  });
});
