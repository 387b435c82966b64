import type {
  WireError,
  WirePublishResponse,
  WirePublishResult,
  WireSchemaInfo,
  WireTopicInfo,
} from '../ports/wire.js';
import { WireFields } from './wire-fields.js';

/** The numbers of the fields, as the contract gives them. */
const TOPIC = { topicName: 1, tenantGuid: 2, canPublish: 3, canSubscribe: 4, schemaId: 5, rpcId: 6 } as const;
const SCHEMA = { schemaJson: 1, schemaId: 2, rpcId: 3 } as const;
const PUBLISHED = { results: 1, schemaId: 2, rpcId: 3 } as const;
const RESULT = { replayId: 1, error: 2, correlationKey: 3 } as const;
const ERROR = { code: 1, msg: 2 } as const;

const EMPTY: Buffer = Buffer.alloc(0);

/**
 * Reads the answer of GetTopic.
 *
 * @throws `Error` when the bytes are none. The call then ends with the status INTERNAL.
 */
export function readTopicInfo(bytes: Buffer): WireTopicInfo {
  const fields = new WireFields(bytes, 0, bytes.length);
  let [topicName, tenantGuid, schemaId, rpcId] = ['', '', '', ''];
  let [canPublish, canSubscribe] = [false, false];
  while (fields.moveOn()) {
    if (fields.number === TOPIC.topicName) topicName = fields.text();
    else if (fields.number === TOPIC.tenantGuid) tenantGuid = fields.text();
    else if (fields.number === TOPIC.canPublish) canPublish = fields.boolean();
    else if (fields.number === TOPIC.canSubscribe) canSubscribe = fields.boolean();
    else if (fields.number === TOPIC.schemaId) schemaId = fields.text();
    else if (fields.number === TOPIC.rpcId) rpcId = fields.text();
    else fields.moveOver();
  }
  return { topicName, tenantGuid, canPublish, canSubscribe, schemaId, rpcId };
}

/** Reads the answer of GetSchema, otherwise as `readTopicInfo`. */
export function readSchemaInfo(bytes: Buffer): WireSchemaInfo {
  const fields = new WireFields(bytes, 0, bytes.length);
  let [schemaJson, schemaId, rpcId] = ['', '', ''];
  while (fields.moveOn()) {
    if (fields.number === SCHEMA.schemaJson) schemaJson = fields.text();
    else if (fields.number === SCHEMA.schemaId) schemaId = fields.text();
    else if (fields.number === SCHEMA.rpcId) rpcId = fields.text();
    else fields.moveOver();
  }
  return { schemaJson, schemaId, rpcId };
}

/** Reads an answer of Publish or PublishStream, otherwise as `readTopicInfo`. */
export function readPublishResponse(bytes: Buffer): WirePublishResponse {
  const fields = new WireFields(bytes, 0, bytes.length);
  const results: WirePublishResult[] = [];
  let [schemaId, rpcId] = ['', ''];
  while (fields.moveOn()) {
    if (fields.number === PUBLISHED.results) results.push(readResult(fields.message()));
    else if (fields.number === PUBLISHED.schemaId) schemaId = fields.text();
    else if (fields.number === PUBLISHED.rpcId) rpcId = fields.text();
    else fields.moveOver();
  }
  return { results, schemaId, rpcId };
}

function readResult(fields: WireFields): WirePublishResult {
  let [replayId, correlationKey] = [EMPTY, ''];
  let error: WireError | null = null;
  while (fields.moveOn()) {
    if (fields.number === RESULT.replayId) replayId = fields.byteString();
    else if (fields.number === RESULT.error) error = readError(fields.message());
    else if (fields.number === RESULT.correlationKey) correlationKey = fields.text();
    else fields.moveOver();
  }
  return { replayId, error, correlationKey };
}

/** Reads what failed, in an answer of any call. */
export function readError(fields: WireFields): WireError {
  let [code, msg] = [0, ''];
  while (fields.moveOn()) {
    if (fields.number === ERROR.code) code = fields.int32();
    else if (fields.number === ERROR.msg) msg = fields.text();
    else fields.moveOver();
  }
  return { code, msg };
}
