import { Bus } from '../../src/bus/bus.js';
import { MemoryOrg, type OrgContext } from '../../src/org/org.js';
import { createRandom } from '../../src/model/random.js';
import { SchemaRegistry } from '../../src/schemas/schema-registry.js';
import { type Decoded, decode } from './decoding.js';

/** The user of an org that {@link memoryOrg} makes. */
export const USER = '005Hs0000000001AAA';
/** When its clock starts, in milliseconds since 1970. */
export const AT = 1_700_000_000_000;

/** An org with a clock that is set by hand, and all the change events it has made so far. */
export interface MemoryOrgSetup {
  readonly org: MemoryOrg;
  readonly events: () => Decoded[];
  /** How many events it has made. */
  readonly countEvents: () => number;
  readonly clock: { time: number };
}

/** Makes an org that stands alone. */
export function memoryOrg({
  maxChangesPerTransaction = 5,
  ...others
}: Partial<Pick<OrgContext, 'maxChangesPerTransaction' | 'nextCommitDelay'>> = {}): MemoryOrgSetup {
  const clock = { time: AT };
  const now = () => clock.time;
  const random = createRandom(1);
  const bus = new Bus({ retentionMs: 1_000_000, now, random });
  const schemas = new SchemaRegistry();
  const org = new MemoryOrg({ bus, schemas, random, now, user: USER, maxChangesPerTransaction, ...others });
  const events = (): Decoded[] =>
    bus
      .eventsAfter(bus.topic('/data/ChangeEvents')!, 0, 1000)
      .map(({ schemaId, payload }) => decode(schemas.get(schemaId)!.json, payload));
  return { org, events, countEvents: () => bus.appended, clock };
}
