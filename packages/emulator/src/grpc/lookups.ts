import type { WireSchemaInfo, WireTopicInfo } from '@rxforce/core/codec';
import { unknownTopic } from '../flow/subscription.js';
import type { CallContext } from './call-context.js';
import { tenantGuidOf } from './call-metadata.js';
import { type Outcome, refused, responded } from './outcome.js';

/** GetTopic: the definition of a topic. */
export function getTopic(
  { bus, sessions }: CallContext,
  { topicName }: { readonly topicName: string },
  rpcId: string,
): Outcome<WireTopicInfo> {
  const topic = bus.topic(topicName);
  if (topic === undefined) return refused(unknownTopic(topicName));
  const { canPublish, schemaId } = topic.definition;
  const tenantGuid = tenantGuidOf(sessions.identity.organizationId);
  return responded({ topicName, tenantGuid, canPublish, canSubscribe: true, schemaId, rpcId });
}

/** GetSchema: the schema with an id. */
export function getSchema(
  { schemas }: CallContext,
  { schemaId }: { readonly schemaId: string },
  rpcId: string,
): Outcome<WireSchemaInfo> {
  if (schemaId === '') {
    return refused({ reason: 'schema-id-blank', message: "Schema validation failed. The schema ID can't be blank." });
  }
  const schema = schemas.get(schemaId);
  return schema === undefined
    ? refused({ reason: 'schema-unknown', message: `The schema with ID "${schemaId}" can't be found.` })
    : responded({ schemaJson: schema.json, schemaId, rpcId });
}
