import { expect } from 'chai';
import { FakeStore } from '../../test/support/fake-store.js';
import { ReplayId } from '../model/replay-id.js';
import { inVirtualTime } from '../../test/support/in-virtual-time.js';
import { steppedThingStream } from '../../test/support/stepped-time.js';

const names = (first: number, count: number) => Array.from({ length: count }, (_, index) => `event-${first + index}`);

describe('eventStream, when the server', () => {
  describe('sends more than it was asked for', () => {
    it('hands it out, warns once, and goes on asking, as long as there is room', () => {
      inVirtualTime({ replay: 'earliest', window: 4 }, ({ service, subscribe, warnings, at }) => {
        const { names: received, errors } = subscribe();
        at(1, () => service.stream.sendWrongly(names(1, 50), 0));
        at(2, () => service.stream.sendWrongly(names(51, 50), 0));
        at(3, () => {
          expect(received).to.deep.equal(names(1, 100));
          expect([warnings.length, errors.length, service.streams.length]).to.deep.equal([1, 0, 1]);
          expect(warnings[0]).to.include('has sent 50 events');
          expect(service.stream.requests.reduce((sum, count) => sum + count, 0)).to.equal(12);
        });
      });
    });

    it('takes a bounded number, and gets the rest again on another stream, in order', async () => {
      const stream = steppedThingStream({ replay: 'earliest', window: 4 });
      const { names: received, errors, release } = stream.subscribeHolding();
      await stream.pass(1);
      const first = stream.service.stream;
      first.sendWrongly(names(1, 500), 0);
      first.sendWrongly(names(501, 500), 0);
      await stream.pass(10_000);
      expect(received).to.deep.equal(names(1, 104));
      expect([first.cancelled, stream.service.streams.length, errors.length]).to.deep.equal([true, 1, 0]);
      release(...names(1, 104));
      await stream.pass(10_000);
      expect(stream.service.streams).to.have.length(2);
      expect(String(stream.service.stream.start.from)).to.equal(Buffer.from('event-104').toString('base64'));
      stream.service.stream.send(...names(105, 4));
      await stream.pass(1);
      expect(received).to.deep.equal(names(1, 108));
      expect(errors).to.deep.equal([]);
    });
  });

  for (const pending of [-1, -1_000, 101, 2_000_000_000]) {
    it(`counts ${pending} events as pending, keeps to the window and goes on asking`, () => {
      inVirtualTime({ replay: 'earliest', window: 10 }, ({ service, subscribe, warnings, at }) => {
        const { names: received, errors } = subscribe();
        for (let round = 0; round < 5; round++) {
          at(round + 1, () => service.stream.sendWrongly(names(round * 10 + 1, 10), pending));
        }
        at(10, () => {
          expect(received).to.deep.equal(names(1, 50));
          expect([service.stream.requests.every((count) => count <= 10), errors, warnings.length]).to.deep.equal([
            true,
            [],
            1,
          ]);
          expect(service.stream.requests.reduce((sum, count) => sum + count, 0)).to.equal(60);
        });
      });
    });
  }

  it('tells a position that is none in a keepalive, keeps the last one, and says so once', async () => {
    const store = new FakeStore();
    const stream = steppedThingStream({ replay: { store, from: 'earliest', commitIntervalMs: 0 } });
    stream.subscribe();
    await stream.pass(1);
    stream.service.stream.send('event-0001');
    await stream.pass(10);
    for (const length of [1, 3, 9, 11, 1_000]) stream.service.stream.sendWrongly([], 99, Buffer.alloc(length, 7));
    await stream.pass(10);
    expect(store.saved).to.deep.equal(['event-0001']);
    const told = stream.warnings.filter((message) => message.includes('keepalive'));
    expect(told).to.have.length(1);
    expect(told[0]).to.include('a replay id of 1 bytes, where the last one has 10');
    stream.service.stream.keepalive('event-0009');
    await stream.pass(10);
    expect(store.saved.at(-1)).to.equal('event-0009');
  });

  it('sends a position of 10 bytes in a keepalive, takes it, also where it started from one of 8', async () => {
    const eight = ReplayId.fromBytes(Buffer.alloc(8, 1));
    const stream = steppedThingStream({ replay: eight });
    stream.subscribe();
    await stream.pass(1);
    stream.service.stream.keepalive('0123456789');
    await stream.pass(1);
    expect(stream.warnings).to.deep.equal([]);
    expect(stream.statuses.map(({ type }) => type)).to.include('keepalive');
  });

  it('sends a response with an event that is none, errors and settles nothing of it', () => {
    inVirtualTime({ replay: 'earliest' }, ({ service, subscribe, at }) => {
      const { names: received, errors } = subscribe();
      at(1, () => service.stream.send('event-0001', { event: null, replayId: Buffer.alloc(10) }));
      at(2, () => {
        expect(errors[0]).to.include({ code: 'protocol' });
        expect(received).to.deep.equal([]);
      });
    });
  });
});
