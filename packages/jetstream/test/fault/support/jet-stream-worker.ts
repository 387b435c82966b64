/** A reader or a worker, on JetStream. */
import { connect } from '@nats-io/transport-node';
import { jetStreamLease, jetStreamLog, jetStreamMembership, jetStreamReplayStore } from '@rxforce/jetstream';
import { runWorkerProcess } from '../../../../../test/support/workers/worker-process.js';

void runWorkerProcess(async ({ address, logName: name, partitions, ttlMs }, logger) => {
  const nats = await connect({
    ...{ servers: address, maxReconnectAttempts: -1, waitOnFirstConnect: true, reconnectTimeWait: 50 },
  });
  return {
    log: jetStreamLog(nats, { name, partitions }),
    store: jetStreamReplayStore(nats),
    lease: jetStreamLease(nats, { ttlMs }),
    membership: jetStreamMembership(nats, { ttlMs, logger }),
  };
});
