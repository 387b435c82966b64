import { type Decoded, decode } from './decoding.js';
import { Bus } from '../../src/bus/bus.js';
import { createRandom } from '../../src/model/random.js';
import { SchemaRegistry } from '../../src/schemas/schema-registry.js';
import type { ChannelMember } from '../../src/org/channels.js';
import { MemoryOrg } from '../../src/org/org.js';

/** Who makes the changes. */
export const USER = '005Hs0000000001AAA';

/** When they are made. */
export const AT = 1_700_000_000_000;

/** The channel. */
export const CHANNEL = '/data/Sales__chn';

/** What is seen of an event. */
export interface Seen extends Decoded {
  readonly id: string;
  readonly schemaId: string;
  readonly replayId: string;
}

/** An org with a channel of these members, and looks at what is on its topics. */
export function setUp(...members: ChannelMember[]) {
  const random = createRandom(1);
  const bus = new Bus({ retentionMs: 1_000_000, now: () => AT, random });
  const schemas = new SchemaRegistry();
  const org = new MemoryOrg({ bus, schemas, random, now: () => AT, user: USER, maxChangesPerTransaction: 5 });
  org.createChannel('Sales__chn', { members });
  const on = (topic: string): Seen[] =>
    bus.events(bus.topic(topic)!).map(({ id, schemaId, payload, replayId }) => ({
      id,
      schemaId,
      replayId: replayId.toString('base64'),
      ...decode(schemas.get(schemaId)!.json, payload),
    }));
  return { org, bus, on, channel: () => on(CHANNEL), schemaId: () => bus.topic(CHANNEL)!.definition.schemaId };
}

/** An event for each record of one, as a channel with enriched fields has it. */
export function single({ header, data }: Decoded): Decoded[] {
  const enriched = header.entityName === 'Account' && /^(UPDATE|DELETE)$/.test(header.changeType);
  return enriched
    ? header.recordIds.map((id) => ({ header: { ...header, recordIds: [id] }, data }))
    : [{ header, data }];
}

/** An address without values. */
export function emptyAddress() {
  const names = ['Street', 'City', 'State', 'PostalCode', 'Country', 'StateCode', 'CountryCode'];
  const all = [...names, 'Latitude', 'Longitude', 'GeocodeAccuracy'];
  return Object.fromEntries(all.map((name) => [name, null]));
}
