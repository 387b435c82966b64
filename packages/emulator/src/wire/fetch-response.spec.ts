import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { WireFetchResponse } from '@rxforce/core/codec';
import { expect } from 'chai';
import { fileURLToPath } from 'node:url';
import { encodeEvent, encodeFetchResponse } from './fetch-response.js';

const PROTO_PATH = fileURLToPath(new URL('../../../../proto/pubsub_api.proto', import.meta.url));
const service = loadSync(PROTO_PATH, { defaults: true })['eventbus.v1.PubSub'] as ServiceDefinition;
const { responseDeserialize } = service.Subscribe as MethodDefinition<unknown, WireFetchResponse>;

describe('encodeFetchResponse', () => {
  it('writes what a protobuf library reads, when events have payloads of all lengths', () => {
    const contents = [0, 1, 127, 128, 300, 16_383, 16_384, 2_200_000].map((length) => ({
      id: `event-${length}-ü`,
      schemaId: 'i8wgJwwM-AVcDbFkbRl5Nw',
      payload: Buffer.alloc(length, length % 251),
      replayId: Buffer.from('0000000000a748390000', 'hex'),
    }));
    const encoded = contents.map(encodeEvent);
    const response = responseDeserialize(
      encodeFetchResponse({
        frames: encoded.map(({ frame }) => frame),
        latestReplayId: Buffer.from('latest'),
        rpcId: 'rpc-1',
        pendingNumRequested: 300,
      }),
    );
    expect(response).to.include({ rpcId: 'rpc-1', pendingNumRequested: 300 });
    expect(response.latestReplayId.toString()).to.equal('latest');
    expect(response.events).to.have.length(contents.length);
    contents.forEach(({ replayId, ...event }, index) => {
      const read = response.events[index]!;
      expect(read.event!.id).to.equal(event.id);
      expect(read.event!.schemaId).to.equal(event.schemaId);
      expect(read.event!.payload.equals(event.payload)).to.equal(true);
      expect(read.replayId.equals(replayId)).to.equal(true);
      expect(encoded[index]!.payload.equals(event.payload)).to.equal(true);
    });
  });

  it('writes the headers, when a publisher has sent some', () => {
    const headers = [
      { key: 'tracé', value: Buffer.from('0102', 'hex') },
      { key: '', value: Buffer.alloc(300, 7) },
    ];
    const content = { id: 'e', schemaId: 's', payload: Buffer.from('payload'), replayId: Buffer.from('r'), headers };
    const { frame, payload } = encodeEvent(content);
    const { events } = responseDeserialize(
      encodeFetchResponse({ frames: [frame], latestReplayId: Buffer.from('x'), rpcId: 'r', pendingNumRequested: 0 }),
    );
    const { replayId, ...event } = content;
    expect(events).to.deep.equal([{ event, replayId }]);
    expect(payload.toString()).to.equal('payload');
  });

  it('writes a keepalive, when there are no events', () => {
    const response = responseDeserialize(
      encodeFetchResponse({ frames: [], latestReplayId: Buffer.from('x'), rpcId: 'r', pendingNumRequested: 0 }),
    );
    expect(response.events).to.deep.equal([]);
    expect(response.pendingNumRequested).to.equal(0);
  });
});
