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

/**
 * Reads a schema.
 *
 * @throws `SchemaError` when the text is not an Avro schema.
 */
export function schemaFrom(json: string): RegisteredSchema {
  const type = parseSchema(json);
  return { id: schemaIdOf(type), json, type };
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
    return this.add(schemaFrom(json));
  }

  /** Adds a schema, or returns the existing one of its id. */
  add(schema: RegisteredSchema): RegisteredSchema {
    const known = this.schemas.get(schema.id);
    if (known !== undefined) return known;
    this.schemas.set(schema.id, schema);
    return schema;
  }

  /** The schema with this id. */
  get(id: string): RegisteredSchema | undefined {
    return this.schemas.get(id);
  }
}
