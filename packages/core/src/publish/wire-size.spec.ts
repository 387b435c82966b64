import { fileURLToPath } from 'node:url';
import type { MethodDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { expect } from 'chai';
import fc from 'fast-check';
import type { OutgoingEvent } from './publish-input.js';
import { envelopeBytes, eventBytes, framed } from './wire-size.js';

const proto = fileURLToPath(new URL('../../../../proto/pubsub_api.proto', import.meta.url));
const service = loadSync(proto)['eventbus.v1.PubSub'] as unknown as Record<string, MethodDefinition<object, object>>;
const serialize = (request: object) => service.Publish?.requestSerialize(request) ?? Buffer.alloc(0);

describe('The size of a request', () => {
  it('is that of what goes over the wire, to the byte', () => {
    const header = fc.record({
      key: fc.string({ minLength: 1 }),
      value: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    });
    const event: fc.Arbitrary<OutgoingEvent> = fc.record({
      id: fc.string({ minLength: 1, unit: 'grapheme' }),
      schemaId: fc.string({ minLength: 22, maxLength: 22 }),
      payload: fc
        .oneof(fc.nat(300), fc.constantFrom(127, 128, 16_383, 16_384, 70_000))
        .map((size) => Buffer.alloc(size)),
      headers: fc.array(header, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.array(event, { maxLength: 5 }), (topicName, events) => {
        const expected = serialize({ topicName, events }).length;
        const size = events.reduce((sum, each) => sum + framed(eventBytes(each)), envelopeBytes(topicName));
        expect(size).to.equal(expected);
      }),
    );
  });
});
