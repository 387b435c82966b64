import { parseSchema, type WireSchemaInfo, type WireTopicInfo } from '@rxforce/core/codec';
import type { RawClient } from './raw-client.js';

/** The topic of the platform event that tests publish. */
export const ORDER_TOPIC = '/event/Order_Event__e';

/** Makes order events that can be published. */
export type MakeOrder = (number: string) => {
  readonly id: string;
  readonly schemaId: string;
  readonly payload: Buffer;
};

/** Asks for the schema of orders, and gives what makes them. The id of an event is its order number. */
export async function orderMaker(client: RawClient): Promise<MakeOrder> {
  const { schemaId } = await client.call<WireTopicInfo>('GetTopic', { topicName: ORDER_TOPIC });
  const { schemaJson } = await client.call<WireSchemaInfo>('GetSchema', { schemaId });
  const schema = parseSchema(schemaJson);
  return (number) => {
    const event = { CreatedDate: 1_700_000_000_000, CreatedById: '005Hs0000000001AAA', Order_Number__c: number };
    return { id: number, schemaId, payload: schema.toBuffer(event) };
  };
}
