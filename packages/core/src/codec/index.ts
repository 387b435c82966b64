/**
 * Turns bytes into values and back. An emulator, or a tool that writes payloads, shares this code with the client.
 *
 * @packageDocumentation
 */
export { parseSchema, schemaIdOf } from './avro.js';
export { closestName } from '../model/closest-name.js';
export { eventSchema } from './event-schema.js';
export { WireReplayPreset } from '../ports/wire.js';
export type { DecodedPayload, EventSchema, KnownFields, PayloadDecoder, SchemaIdPolicy } from './event-schema.js';
export type {
  WireConsumerEvent,
  WireEventHeader,
  WireFetchRequest,
  WireFetchResponse,
  WireProducerEvent,
  WireSchemaInfo,
  WireTopicInfo,
} from '../ports/wire.js';
