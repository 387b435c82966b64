import { to18 } from '../../model/record-ids.js';
import type { QueryRow, QueryValue } from '../../soql/queryable.js';
import { type FieldType, ID_TYPE, text } from '../field-types.js';
import type { JsonObject } from '../json-object.js';
import { type RestField, restField } from '../rest-field.js';
import { NO_OBJECTS, RestObject, type RestObjectInfo } from '../rest-object.js';

/** A record of the Tooling API, by its fields. `Metadata` is an object; all other fields are plain values. */
export type ToolingRecord = Readonly<Record<string, unknown>> & { readonly Id: string };

/** The input of a client to create or change a record of the Tooling API. */
export interface ToolingInput {
  readonly FullName?: string;
  readonly Metadata: JsonObject;
}

const METADATA_TYPE: FieldType = {
  type: 'complexvalue',
  soapType: 'mns:Metadata',
  kind: 'compound',
  length: 0,
  filterable: false,
  sortable: false,
};
const NAME_TYPE = text('string', 255);

/** Fields that the service returns only for one record at a time. */
export const ONE_AT_A_TIME = ['FullName', 'Metadata'] as const;

/** An object of the Tooling API: records made from parts of the org. */
export abstract class ToolingObject extends RestObject {
  /** @param fields - Its own; `Id`, `DeveloperName`, `MasterLabel`, `FullName` and `Metadata` have all of them. */
  constructor(name: string, keyPrefix: string, fields: readonly string[]) {
    const info: RestObjectInfo = {
      name,
      label: name,
      labelPlural: `${name}s`,
      keyPrefix,
      writable: true,
      fields: [
        toolingField('Id', ID_TYPE),
        ...['DeveloperName', 'MasterLabel', ...fields].map((field) => toolingField(field, NAME_TYPE)),
        { ...toolingField('FullName', NAME_TYPE), filterable: false, sortable: false },
        toolingField('Metadata', METADATA_TYPE),
      ],
    };
    super(info, NO_OBJECTS);
  }

  rows(): QueryRow[] {
    return this.records().map((record) => this.rowOf(record));
  }

  row(id: string): QueryRow | undefined {
    const record = this.records().find(({ Id }) => Id === to18(id));
    return record === undefined ? undefined : this.rowOf(record);
  }

  /** Its records, in the order they were created. */
  abstract records(): readonly ToolingRecord[];

  /**
   * Creates a record and returns its id. Throws a `ConfigurationError` or a {@link RestProblem} when that is
   * impossible.
   */
  abstract create(input: ToolingInput): string;

  /** Changes the record with this id, which must exist. Throws like {@link create}. */
  abstract update(id: string, metadata: JsonObject): void;

  /** Deletes the record with this id, which must exist. */
  abstract delete(id: string): void;

  private rowOf(record: ToolingRecord): QueryRow {
    return {
      object: this.name,
      id: record.Id,
      get: ({ name }) => queryValueOf(record[name]),
      toJson: ({ name }) => record[name] ?? null,
      parent: () => undefined,
    };
  }
}

function toolingField(name: string, type: FieldType): RestField {
  const writable = name === 'FullName' || name === 'Metadata';
  return restField({
    name,
    type,
    place: name === 'Id' ? { type: 'id' } : { type: 'field', field: name },
    createable: writable,
    updateable: name === 'Metadata',
    defaulted: !writable,
  });
}

function queryValueOf(value: unknown): QueryValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
