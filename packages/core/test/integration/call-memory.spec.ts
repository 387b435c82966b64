import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { NEVER, Observable } from 'rxjs';
import { sharedSession } from '../../src/login/shared-session.js';
import { grpcTransport } from '../../src/grpc/transport.js';
import { until } from '../fault/support/wait-for.js';
import { startRawServer } from '../support/raw-server.js';

const SESSION = { accessToken: '00D!x', instanceUrl: 'https://x.example', organizationId: '00D' };
const START = { topic: '/data/ThingChangeEvent', from: 'latest' } as const;

/** A field that nobody knows, and its length of 8 MB. */
const LONG_FIELD = Buffer.from([0x7a, 0x80, 0x80, 0x80, 0x04]);
const LENGTH = 8 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What the buffers of this process take, once garbage is gone. */
function bufferBytes(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}

describe('The memory of a call', () => {
  it('has nothing of a message that was read, while the stream is quiet', async () => {
    const server = await startRawServer((call) => call.write(Buffer.concat([LONG_FIELD, Buffer.alloc(LENGTH)])));
    const settings = { endpoint: server.endpoint, tls: undefined, channelOptions: {} };
    const transport = grpcTransport(settings, sharedSession({ open: () => Promise.resolve(SESSION) }));
    const before = bufferBytes();
    const demand = new Observable<number>((requester) => requester.next(100));
    let received = 0;
    let mostBytes = 0;
    const subscription = transport.subscribe(START, demand, NEVER).subscribe(() => {
      received++;
      mostBytes = process.memoryUsage().arrayBuffers;
    });
    await until(() => received > 0);
    expect(mostBytes - before).to.be.above(LENGTH);
    await until(() => bufferBytes() - before < LENGTH / 2);
    expect(server.open.size).to.equal(1);
    subscription.unsubscribe();
    transport.close();
    server.stop();
  });
});
