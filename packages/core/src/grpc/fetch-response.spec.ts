import { expect } from 'chai';
import { readFetchResponse, readManagedFetchResponse } from './fetch-response.js';

/** A field with a length, whose number is below 16. */
const sized = (number: number, content: Buffer | string) =>
  Buffer.concat([Buffer.from([(number << 3) | 2, Buffer.byteLength(content)]), Buffer.from(content as string)]);
const join = (...parts: readonly Buffer[]) => Buffer.concat(parts);

const PRODUCER = join(sized(1, 'id'), sized(2, 'schema'), sized(3, 'payload'));
const CONSUMER = join(sized(1, PRODUCER), sized(2, 'position10'));
const RESPONSE = join(sized(1, CONSUMER), sized(2, 'latest'), sized(3, 'rpc'), Buffer.from([0x20, 0x07]));

/** The first nine bytes of a number of 64 bits whose lower 32 are 5. */
const TEN = [0x85, 0x80, 0x80, 0x80, 0x90, 0x80, 0x80, 0x80, 0x80];

describe('readFetchResponse', () => {
  it('reads all that a response holds', () => {
    const { events, latestReplayId, rpcId, pendingNumRequested } = readFetchResponse(RESPONSE);
    expect({ latest: latestReplayId.toString(), rpcId, pendingNumRequested }).to.deep.equal({
      ...{ latest: 'latest', rpcId: 'rpc', pendingNumRequested: 7 },
    });
    expect(events).to.have.length(1);
    expect(events[0]).to.include({ id: 'id', schemaId: 'schema' });
    expect(events[0]?.payload.toString()).to.equal('payload');
    expect(Buffer.from(events[0]?.replayId?.toBytes() ?? []).toString()).to.equal('position10');
  });

  it('does not copy payloads', () => {
    const message = Buffer.from(RESPONSE);
    const { events } = readFetchResponse(message);
    message.write('PAY', message.indexOf('payload'));
    expect(events[0]?.payload.toString()).to.equal('PAYload');
  });

  it('reads events of several schemas, without a replay id, and with headers', () => {
    const header = sized(4, join(sized(1, 'traceparent'), sized(2, 'x')));
    const event = (schema: string, more = Buffer.alloc(0)) => sized(1, sized(1, join(sized(2, schema), more)));
    const { events } = readFetchResponse(join(event('a'), event('bb'), event('ab', header), event('a')));
    expect(events.map((each) => each?.schemaId)).to.deep.equal(['a', 'bb', 'ab', 'a']);
    expect(events.map((each) => each?.replayId)).to.deep.equal([undefined, undefined, undefined, undefined]);
    expect(events.map((each) => each?.headers.map(({ key }) => key))).to.deep.equal([[], [], ['traceparent'], []]);
    expect(events[2]?.headers[0]?.value.toString()).to.equal('x');
  });

  it('tells schema ids apart that are no ASCII', () => {
    const event = (schema: Buffer) => sized(1, sized(1, sized(2, schema)));
    const [first, second] = [Buffer.from('éé'), Buffer.from([0xe9, 0xe9])];
    const { events } = readFetchResponse(join(event(first), event(second)));
    expect(events.map((each) => each?.schemaId)).to.deep.equal(['éé', second.toString()]);
  });

  it('reads numbers of all sizes', () => {
    const pendingOf = (...bytes: number[]) => readFetchResponse(Buffer.from([0x20, ...bytes])).pendingNumRequested;
    expect(pendingOf(0x80, 0x01)).to.equal(128);
    expect(pendingOf(0xff, 0xff, 0xff, 0xff, 0x07)).to.equal(2 ** 31 - 1);
    expect(pendingOf(...Array<number>(9).fill(0xff), 0x01)).to.equal(-1);
    expect(pendingOf(0x80, 0x80, 0x80, 0x80, 0xf8, 0xff, 0xff, 0xff, 0xff, 0x01)).to.equal(-(2 ** 31));
  });

  it('reads an empty message, and an event that holds none', () => {
    expect(readFetchResponse(Buffer.alloc(0))).to.include({ rpcId: '', pendingNumRequested: 0 });
    expect(readFetchResponse(sized(1, sized(2, 'position10'))).events).to.deep.equal([null]);
  });

  it('passes over fields that it does not know, of each kind', () => {
    const unknown = join(
      ...[sized(9, 'later'), Buffer.from([0x48, 0xff, 0x01]), Buffer.from([0x4d, 1, 2, 3, 4])],
      Buffer.from([0x49, 1, 2, 3, 4, 5, 6, 7, 8]),
    );
    const event = sized(1, join(unknown, sized(1, join(unknown, PRODUCER)), unknown));
    expect(readFetchResponse(join(unknown, event, unknown)).events[0]?.payload.toString()).to.equal('payload');
  });

  for (const [what, bytes, reason] of [
    ['is cut off', RESPONSE.subarray(0, -1), 'cut off'],
    ['has a field that is longer than the message', Buffer.from([0x0a, 0x05, 0x00]), 'after the end'],
    ['has an event that is longer than its part', sized(1, Buffer.from([0x0a, 0x05, 0x00])), 'after the end'],
    ['has a number where a text should be', Buffer.from([0x18, 0x01]), 'another type'],
    ['has a text where a number should be', sized(4, 'x'), 'another type'],
    ['has a field without a number', Buffer.from([0x02, 0x00]), 'no number'],
    ['has a group', Buffer.from([0x4b, 0x4c]), 'does not use'],
    ['has a number without an end', Buffer.from([0x20, ...Array<number>(11).fill(0xff)]), 'more than 32 bits'],
    ['has a number of 64 bits', Buffer.from([0x20, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]), 'more than 32 bits'],
    ['has a number of 35 bits', Buffer.from([0x20, 0x85, 0x80, 0x80, 0x80, 0x10]), 'more than 32 bits'],
    ['has a number of ten bytes that repeats no sign', Buffer.from([0x20, ...TEN, 0x01]), 'more than 32 bits'],
    ['has a length of 33 bits', Buffer.from([0x1a, 0x82, 0x80, 0x80, 0x80, 0x10, 0x61, 0x62]), 'more than 32 bits'],
    [
      'has an unknown number of 65 bits',
      Buffer.from([0x48, ...Array<number>(9).fill(0xff), 0x02]),
      'more than 64 bits',
    ],
    ['has two events in one', sized(1, join(sized(1, PRODUCER), sized(1, PRODUCER))), 'two events'],
  ] as const) {
    it(`refuses a message that ${what}`, () => {
      expect(() => readFetchResponse(bytes)).to.throw(Error, reason);
    });
  }
});

describe('readManagedFetchResponse', () => {
  it('reads the answer to a commit', () => {
    const error = sized(3, join(Buffer.from([0x08, 0x02]), sized(2, 'refused')));
    const commit = join(sized(1, 'request'), sized(2, 'position10'), error, Buffer.from([0x20, 0xe8, 0x07]));
    const { commitResponse, events } = readManagedFetchResponse(sized(5, commit));
    expect(events).to.deep.equal([]);
    expect(commitResponse).to.deep.include({
      ...{ commitRequestId: 'request', error: { code: 2, msg: 'refused' }, processTime: '1000' },
    });
    expect(commitResponse?.replayId.toString()).to.equal('position10');
  });

  it('says that there is none', () => {
    expect(readManagedFetchResponse(RESPONSE).commitResponse).to.equal(null);
  });
});
