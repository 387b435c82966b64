import { promisify } from 'node:util';
import avro from 'avsc';
import type { ServerAddress } from '../processes/messages.js';
import { pubSubStub, sessionMetadata } from './pubsub-stub.js';

/** What the loop reads of a response. */
interface FetchResponse {
  readonly events: readonly { readonly event: { readonly payload: Buffer } }[];
}

/** What is looked at of an event's header. */
interface Header {
  readonly sequenceNumber: number;
  readonly commitNumber: number | bigint;
  readonly commitTimestamp: number | bigint;
}

const MOST_OUTSTANDING = 100;
const EARLIEST = 1;

/** What the loop is about. */
export interface LoopOptions {
  readonly address: ServerAddress;
  readonly topicName: string;
  /** Avro types that replace avsc's own. */
  readonly registry: Record<string, avro.Type>;
  readonly handle: (header: Header) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * The loop that someone would write who needs nothing but the events: one stream, one schema, each event decoded where
 * the response comes in, and more asked for once half of it is used. It leaves bitmaps as they are, watches nothing,
 * and recovers from nothing.
 */
export async function handWrittenLoop({ address, topicName, registry, handle, fail }: LoopOptions): Promise<void> {
  const client = pubSubStub<FetchResponse>(address);
  const metadata = sessionMetadata();
  const { schemaId } = await promisify(client.GetTopic.bind(client))({ topicName }, metadata);
  const { schemaJson } = await promisify(client.GetSchema.bind(client))({ schemaId }, metadata);
  const type = avro.Type.forSchema(JSON.parse(schemaJson) as avro.Schema, { registry, wrapUnions: false });

  let used = 0;
  const stream = client.Subscribe(metadata);
  stream.on('error', fail);
  stream.on('data', ({ events }: FetchResponse) => {
    for (const { event } of events) {
      const { ChangeEventHeader: header } = type.fromBuffer(event.payload) as { ChangeEventHeader: Header };
      handle(header);
      if (++used === MOST_OUTSTANDING / 2) {
        stream.write({ topicName, numRequested: used });
        used = 0;
      }
    }
  });
  stream.write({ topicName, replayPreset: EARLIEST, numRequested: MOST_OUTSTANDING });
}
