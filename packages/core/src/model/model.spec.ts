import { inspect } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { anotherCopy } from '../../test/support/another-copy.js';
import { ConfigurationError, Err, Ok, ReplayId, changeTopic, eventTopic, topicOf, ThrottledError } from './index.js';

describe('ReplayId', () => {
  it('keeps its bytes unchanged, through text and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (bytes) => {
        // Of lengths that the service has never had, some look like hex.
        fc.pre(bytes.length % 3 !== 0);
        const id = ReplayId.fromBytes(bytes);
        expect([...id.toBytes()]).to.deep.equal([...bytes]);
        expect(ReplayId.parse(id.toString()).equals(id)).to.equal(true);
      }),
    );
  });

  it('is equal to another, when all bytes are', () => {
    const id = ReplayId.parse('AAAAAACnSDkAAA==');
    expect(id.equals(ReplayId.parse('AAAAAACnSDkAAA=='))).to.equal(true);
    expect(id.equals(ReplayId.parse('AAAAAACnSDoAAA=='))).to.equal(false);
    expect(id.equals(ReplayId.fromBytes(Buffer.from('AAAAAACnSDk=', 'base64')))).to.equal(false);
  });

  it('copies the bytes, so that changing them changes nothing', () => {
    const bytes = Buffer.from([1, 2, 3]);
    const id = ReplayId.fromBytes(bytes);
    bytes[0] = 9;
    id.toBytes()[1] = 9;
    expect([...id.toBytes()]).to.deep.equal([1, 2, 3]);
  });

  it('is known, and the same, in another copy of the package', async () => {
    const other = (await anotherCopy()).ReplayId;
    const id = ReplayId.parse('AAAAAACnSDkAAA==');
    const foreign = other.parse('AAAAAACnSDkAAA==');
    expect(foreign).not.to.be.instanceOf(ReplayId);
    expect([ReplayId.is(foreign), other.is(id), ReplayId.is(id)]).to.deep.equal([true, true, true]);
    expect([id.equals(foreign), foreign.equals(id)]).to.deep.equal([true, true]);
    expect(id.equals(other.parse('AAAAAACnSDoAAA=='))).to.equal(false);
    expect(ReplayId.from(foreign))
      .to.be.instanceOf(ReplayId)
      .and.satisfy((own: ReplayId) => own.equals(id));
    expect(ReplayId.from(id)).to.equal(id);
  });

  it('is told from what looks like one', () => {
    for (const value of [
      'AAAAAACnSDkAAA==',
      Buffer.from([1]),
      { toBytes: () => Buffer.from([1]) },
      null,
      undefined,
      5,
    ]) {
      expect(ReplayId.is(value)).to.equal(false);
    }
  });

  it('prints as base64', () => {
    const id = ReplayId.parse('AAAAAACnSDkAAA==');
    expect(`${id.toString()} ${JSON.stringify(id)} ${inspect(id)}`).to.equal(
      'AAAAAACnSDkAAA== "AAAAAACnSDkAAA==" ReplayId(AAAAAACnSDkAAA==)',
    );
  });

  for (const [what, text] of [
    ['a number of 7 digits', '4076479'],
    ['a number that could be base64', '12907414'],
    ['a number of 12 digits', '129074140001'],
    ['a number of no position', '-1'],
    ['10 bytes in hex', '00000000000c4fbe0000'],
    ['8 bytes in hex', '00000000000C4FBE'],
    ['hex that says so', '0x0c4fbe00'],
  ] as const) {
    it(`refuses ${what}, which other clients keep, and says what to do`, () => {
      expect(() => ReplayId.parse(text)).to.throw(ConfigurationError, /is (a number|hex): .*start from a time/);
    });
  }

  for (const [what, value, message] of [
    ['a number', 12_907_414, /a number is not a replay id/],
    ['a bigint', 12_907_414n, /a bigint is not a replay id/],
    ['bytes', Buffer.alloc(10), /bytes is not a replay id/],
    ['undefined', undefined, /undefined is not a replay id/],
    ['text with a line feed', 'AAAAAACnSDkAAA==\n', /white space/],
    ['text without its padding', 'AAAAAACnSDkAAA', /no "=" at its end/],
    ['base64url', 'AAAAAACnSD-_AA==', /other letters for "\+" and "\/"/],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => ReplayId.parse(value as string)).to.throw(ConfigurationError, message);
    });
  }

  it('is made of bytes, and of nothing else', () => {
    for (const value of ['AAAAAACnSDkAAA==', 5, [1, 2], undefined, null]) {
      expect(() => ReplayId.fromBytes(value as never)).to.throw(ConfigurationError, 'is not a replay id');
    }
    expect(ReplayId.fromBytes(new Uint8Array(10)).toString()).to.equal('AAAAAAAAAAAAAA==');
  });

  for (const text of ['', 'not base64!', 'AAA']) {
    it(`refuses "${text}"`, () => {
      expect(() => ReplayId.parse(text)).to.throw(ConfigurationError, 'is not a replay id');
    });
  }
});

describe('topics', () => {
  for (const [name, topic] of [
    ['Account', '/data/AccountChangeEvent'],
    ['Employee__c', '/data/Employee__ChangeEvent'],
    ['acme__Order__c', '/data/acme__Order__ChangeEvent'],
    ['AccountChangeEvent', '/data/AccountChangeEvent'],
    ['Employee__ChangeEvent', '/data/Employee__ChangeEvent'],
    ['acme__Order__ChangeEvent', '/data/acme__Order__ChangeEvent'],
    ['PriceChangeEvent__c', '/data/PriceChangeEvent__ChangeEvent'],
    ['ChangeEvents', '/data/ChangeEvents'],
    ['Mine__chn', '/data/Mine__chn'],
    ['/data/ChangeEvents', '/data/ChangeEvents'],
    ['/data/Mine__chn', '/data/Mine__chn'],
  ] as const) {
    it(`${name} is ${topic}`, () => expect(changeTopic(name)).to.equal(topic));
  }

  for (const name of [
    '',
    'Account ',
    'data/Account',
    '/data/',
    '/Account',
    'Order__e',
    '/event/Order__e',
    'Account/x',
    'ChangeEvent',
    'accountchangeevent',
    'Employee__cChangeEvent',
  ]) {
    it(`"${name}" has no changes`, () => {
      expect(() => changeTopic(name)).to.throw(ConfigurationError);
    });
  }

  it('platform events have topics of their own', () => {
    expect(eventTopic('/event/Order__e')).to.equal('/event/Order__e');
    expect(eventTopic('Order__e')).to.equal('/event/Order__e');
    expect(topicOf('Order__e')).to.equal('/event/Order__e');
    expect(() => eventTopic('Account')).to.throw(ConfigurationError);
    expect(() => eventTopic('/data/AccountChangeEvent')).to.throw(ConfigurationError, 'client.changes()');
  });
});

describe('An error', () => {
  it('tells its code, what may be retried, and its cause', () => {
    const cause = new Error('why');
    const error = new ThrottledError('slower', { retriable: true, cause, topic: '/data/X' });
    expect(error).to.include({ code: 'throttled', retriable: true, topic: '/data/X', cause });
    expect(new ConfigurationError('x')).to.include({
      name: 'ConfigurationError',
      code: 'configuration',
      retriable: false,
    });
    expect(error).not.to.have.property('schemaId');
  });
});

describe('Result', () => {
  it('is ts-results, whatever loads it', () => {
    expect(Ok(1).map((value) => value + 1).val).to.equal(2);
    expect(Err('no').unwrapOr(3)).to.equal(3);
  });
});
