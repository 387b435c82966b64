import type { AvroType } from '../schemas/schema-registry.js';
import type { EntityDefinition } from './entity.js';
import type { FieldValues } from './values.js';

/** Writes the change events of one object. */
export class EventEncoder {
  /**
   * A body with every field null. All bodies begin as copies of it, so they share one shape, which the engine reads
   * fast; this saves a quarter of the time to make an event. It is parsed, because an object that is built field by
   * field would become a slow dictionary.
   */
  private readonly emptyBody: Readonly<Record<string, null>>;

  /** @param type - The schema of the object's change events. */
  constructor(
    private readonly type: AvroType,
    { fields }: EntityDefinition,
  ) {
    const nulls = fields.map(({ name }) => `${JSON.stringify(name)}:null`);
    this.emptyBody = JSON.parse(`{${nulls.join()}}`) as Record<string, null>;
  }

  /** The Avro bytes of an event; fields that `body` leaves out are null. */
  encode(header: object, body: FieldValues): Buffer {
    return this.type.toBuffer({ ...this.emptyBody, ...body, ChangeEventHeader: header });
  }
}
