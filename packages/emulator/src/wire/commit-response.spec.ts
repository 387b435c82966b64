import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { expect } from 'chai';
import { fileURLToPath } from 'node:url';
import { encodeCommitResponse } from './commit-response.js';

const PROTO_PATH = fileURLToPath(new URL('../../../../proto/pubsub_api.proto', import.meta.url));
const service = loadSync(PROTO_PATH, { defaults: true, longs: Number })['eventbus.v1.PubSub'] as ServiceDefinition;
const { responseDeserialize } = service.ManagedSubscribe as MethodDefinition<unknown, Record<string, unknown>>;

describe('encodeCommitResponse', () => {
  it('writes what a protobuf library reads, for times of all sizes', () => {
    const times = [0, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 35, 1_790_000_000_123, Number.MAX_SAFE_INTEGER];
    for (const processTime of times) {
      const commitResponse = { commitRequestId: 'commit-ü', replayId: Buffer.from('committed'), processTime };
      const response = responseDeserialize(
        encodeCommitResponse({
          latestReplayId: Buffer.from('latest'),
          rpcId: 'rpc-1',
          pendingNumRequested: 3,
          commitResponse: { ...commitResponse, error: null },
        }),
      );
      expect(response).to.deep.equal({
        events: [],
        latestReplayId: Buffer.from('latest'),
        rpcId: 'rpc-1',
        pendingNumRequested: 3,
        commitResponse: { ...commitResponse, error: null },
      });
    }
  });

  it('writes the error, when the commit failed', () => {
    const commitResponse = {
      commitRequestId: '1',
      replayId: Buffer.alloc(0),
      error: { code: 2, msg: 'Nö.' },
      processTime: 1,
    };
    const response = responseDeserialize(
      encodeCommitResponse({ latestReplayId: Buffer.from('x'), rpcId: 'r', pendingNumRequested: 0, commitResponse }),
    );
    expect(response.commitResponse).to.deep.include({ error: { code: 2, msg: 'Nö.' } });
  });
});
