import type { PubSubClient } from '@rxforce/core';
import { mirrorFields, type MirrorFields } from './mirror-columns.js';

/** The fields of each schema that events were written with, asked for once. */
export class MirrorSchemas {
  private readonly asked = new Map<string, Promise<MirrorFields>>();

  constructor(
    private readonly client: Pick<PubSubClient, 'schema'>,
    private readonly nameOf: ((path: string) => string) | undefined,
  ) {}

  /** Rejects with the error of the client, or a `SchemaError`. Then the next call asks again. */
  fieldsOf(schemaId: string): Promise<MirrorFields> {
    let fields = this.asked.get(schemaId);
    if (fields === undefined) {
      fields = this.ask(schemaId);
      this.asked.set(schemaId, fields);
      fields.catch(() => this.asked.delete(schemaId));
    }
    return fields;
  }

  private async ask(schemaId: string): Promise<MirrorFields> {
    const json = await new Promise<string>((resolve, reject) => {
      this.client.schema(schemaId).subscribe({ next: (schema) => resolve(schema.json), error: reject });
    });
    return mirrorFields(json, this.nameOf);
  }
}
