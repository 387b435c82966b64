import { promisify } from 'node:util';
import avro from 'avsc';
import type { Meter } from './meter.js';
import { pubSubStub, sessionMetadata } from './pubsub-stub.js';

/** What the loop reads of a response. */
interface FetchResponse {
  readonly events: readonly { readonly event: { readonly payload: Buffer } }[];
}

/** What it reads of an event. */
interface DecodedEvent {
  readonly ChangeEventHeader: { readonly sequenceNumber: number; readonly commitNumber: number | bigint };
}

const MOST_OUTSTANDING = 100;
const EARLIEST = 1;

/**
 * The loop that someone would write who needs nothing but the events: one stream, one schema, each event decoded where
 * the response comes in, and more asked for once half of it is used. It leaves bitmaps as they are, watches nothing, and
 * recovers from nothing.
 *
 * @param registry - Avro types that replace avsc's own.
 */
export async function handWrittenLoop(
  meter: Meter,
  topicName: string,
  registry: Record<string, avro.Type>,
): Promise<void> {
  const client = pubSubStub<FetchResponse>(meter.parameters);
  const metadata = sessionMetadata();
  const { schemaId } = await promisify(client.GetTopic.bind(client))({ topicName }, metadata);
  const { schemaJson } = await promisify(client.GetSchema.bind(client))({ schemaId }, metadata);
  const type = avro.Type.forSchema(JSON.parse(schemaJson) as avro.Schema, { registry, wrapUnions: false });

  let used = 0;
  const stream = client.Subscribe(metadata);
  stream.on('error', meter.fail);
  stream.on('data', ({ events }: FetchResponse) => {
    for (const { event } of events) {
      const { ChangeEventHeader: header } = type.fromBuffer(event.payload) as DecodedEvent;
      meter.handled(header.sequenceNumber, header.commitNumber);
      if (++used === MOST_OUTSTANDING / 2) {
        stream.write({ topicName, numRequested: used });
        used = 0;
      }
    }
  });
  stream.write({ topicName, replayPreset: EARLIEST, numRequested: MOST_OUTSTANDING });
}
