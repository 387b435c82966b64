import { parseSchema, schemaIdOf } from '@rxforce/core/codec';

/** The Avro type of a schema, as `parseSchema` makes it. */
export type AvroType = ReturnType<typeof parseSchema>;

/** A schema the service knows. */
export interface RegisteredSchema {
  /** Made from the schema itself, so that the same schema has the same id everywhere. */
  readonly id: string;
  readonly json: string;
  readonly type: AvroType;
}

/** All schemas by their ids. None is ever removed: an event of last week still names the schema of last week. */
export class SchemaRegistry {
  private readonly schemas = new Map<string, RegisteredSchema>();

  /**
   * Adds a schema, or returns the existing one.
   *
   * @throws `SchemaError` when the text is not an Avro schema.
   */
  register(json: string): RegisteredSchema {
    const type = parseSchema(json);
    const id = schemaIdOf(type);
    const known = this.schemas.get(id);
    if (known !== undefined) return known;
    const schema: RegisteredSchema = { id, json, type };
    this.schemas.set(id, schema);
    return schema;
  }

  /** The schema with this id. */
  get(id: string): RegisteredSchema | undefined {
    return this.schemas.get(id);
  }
}
