import { expect } from 'chai';
import { of, throwError } from 'rxjs';
import { changeSchema, wireEvent } from '../../test/support/fake-service.js';
import { inVirtualTime } from '../../test/support/in-virtual-time.js';
import { steppedThingStream, type SteppedThingStream } from '../../test/support/stepped-time.js';
import { ConnectionError } from '../model/errors.js';
import { refused, starts } from '../../test/support/breaking-streams.js';

describe('eventStream, when its streams break', () => {
  describe('when its session is refused', () => {
    /** Has the service refuse each stream as soon as it is asked for something, until then. */
    const refuseUntil = ({ service, time }: SteppedThingStream, endsAt: number) => {
      service.onRequest = (each) =>
        time.schedule(() => {
          if (!each.cancelled && time.now() < endsAt) each.fail(refused);
          else if (!each.cancelled) each.keepalive('k');
        }, 5);
    };
    const failuresOf = ({ statuses }: SteppedThingStream) =>
      statuses.flatMap((status) => (status.type === 'waiting' ? [status.cause?.code] : []));

    it('opens another stream at once, the first time', () => {
      inVirtualTime({ replay: 'earliest' }, ({ service, subscribe, at }) => {
        subscribe();
        at(1, () => service.stream.send('a'));
        at(2, () => {
          service.stream.fail(refused);
          expect(starts(service)).to.deep.equal(['earliest', 'a']);
          service.stream.fail(refused);
          expect(service.streams).to.have.length(2);
        });
      });
    });

    for (const seconds of [1, 2, 10, 60]) {
      it(`goes on after ${seconds} s of it, told on status$, once it has worked`, async () => {
        const stream = steppedThingStream({ replay: 'earliest' });
        const { errors } = stream.subscribe();
        await stream.pass(10);
        stream.service.stream.send('a');
        await stream.pass(1);
        refuseUntil(stream, stream.time.now() + seconds * 1_000);
        stream.service.stream.fail(refused);
        await stream.pass(seconds * 1_000 + 31_000);
        expect(errors).to.deep.equal([]);
        expect(stream.statuses.at(-1)).to.include({ type: 'keepalive' });
        expect(new Set(failuresOf(stream))).to.deep.equal(new Set(['authentication']));
        expect(stream.warnings.length > 0).to.equal(seconds >= 10);
      });
    }

    it('goes on after a minute of it, once a stream was open for a while on which nothing happened', async () => {
      const stream = steppedThingStream({ replay: 'latest' });
      const { errors } = stream.subscribe();
      await stream.pass(15_000);
      refuseUntil(stream, stream.time.now() + 60_000);
      stream.service.stream.fail(refused);
      await stream.pass(91_000);
      expect(errors).to.deep.equal([]);
      expect(stream.statuses.at(-1)).to.include({ type: 'keepalive' });
    });

    it('fails after some minutes of it, and says that logins were good, once it has worked', async () => {
      const stream = steppedThingStream({ replay: 'earliest' });
      const { errors } = stream.subscribe();
      await stream.pass(10);
      stream.service.stream.send('a');
      await stream.pass(1);
      refuseUntil(stream, Infinity);
      stream.service.stream.fail(refused);
      await stream.pass(120_000);
      expect(errors).to.deep.equal([]);
      await stream.pass(400_000);
      expect(errors[0]).to.include({ code: 'authentication', cause: refused, grpcStatus: 16 });
      expect((errors[0] as Error).message).to.include('for minutes, although logins succeed');
    });

    it('fails within seconds, with a warning at once, when nothing has worked before', async () => {
      const stream = steppedThingStream({ replay: 'earliest' });
      refuseUntil(stream, Infinity);
      const { errors } = stream.subscribe();
      await stream.pass(1_100);
      expect(errors).to.deep.equal([]);
      expect(stream.warnings[0]).to.include('expired');
      await stream.pass(7_000);
      expect(errors[0]).to.include({ code: 'authentication', cause: refused });
    });

    it('goes on, when the service takes a second to know the first session', async () => {
      const stream = steppedThingStream({ replay: 'earliest' });
      refuseUntil(stream, 1_000);
      const { errors } = stream.subscribe();
      await stream.pass(8_000);
      expect(errors).to.deep.equal([]);
      expect(stream.statuses.at(-1)).to.include({ type: 'keepalive' });
    });

    it('is waited for, when only schemas are refused, also where another subscription has fetched them before', async () => {
      for (const hadSchema of [true, false]) {
        const stream = steppedThingStream({ replay: 'earliest' });
        const { errors, names } = stream.subscribe();
        await stream.pass(10);
        if (hadSchema) stream.service.stream.send('a');
        await stream.pass(10);
        stream.service.schemas = () => throwError(() => refused);
        stream.service.stream.send(wireEvent('b', { schema: changeSchema('More') }));
        await stream.pass(30_000);
        expect(errors).to.deep.equal([]);
        stream.service.schemas = (schemaId) => of({ schemaId, schemaJson: changeSchema('More').json, rpcId: '' });
        await stream.pass(31_000);
        expect(names).to.deep.equal(hadSchema ? ['a', 'b'] : ['b']);
      }
    });
  });

  it('makes no login for each refusal, when sessions are refused soon after each response', async () => {
    const stream = steppedThingStream({ replay: 'earliest' });
    const { service, time } = stream;
    stream.subscribe();
    service.onRequest = (each) =>
      time.schedule(() => {
        if (each.cancelled) return;
        each.keepalive('k');
        each.fail(refused);
      }, 5);
    await stream.pass(60_000);
    expect(service.streams).to.have.length.within(3, 12);
  });

  it('goes on, when an outage looks like a wrong configuration, once it has worked', () => {
    const untrusted = new ConnectionError('No trusted TLS connection', { retriable: false });
    inVirtualTime({ replay: 'earliest' }, ({ service, subscribe, at }) => {
      const { errors } = subscribe();
      at(1, () => service.stream.send('a'));
      at(2, () => service.stream.fail(untrusted));
      at(1_000, () => {
        service.stream.fail(untrusted);
        expect(errors).to.deep.equal([]);
      });
      at(5_000, () => expect(starts(service)).to.deep.equal(['earliest', 'a', 'a']));
    });
  });

  it('fails, when it never worked and the configuration is wrong', () => {
    const untrusted = new ConnectionError('No trusted TLS connection', { retriable: false });
    inVirtualTime({ replay: 'earliest' }, ({ service, subscribe, at }) => {
      const { errors } = subscribe();
      at(1, () => service.stream.fail(untrusted));
      at(2, () => expect(errors).to.deep.equal([untrusted]));
    });
  });
});
