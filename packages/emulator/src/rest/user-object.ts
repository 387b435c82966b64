import { to18 } from '../org/record-ids.js';
import type { Identity } from '../sessions/sessions.js';
import type { QueryRow } from '../soql/queryable.js';
import { FIELD_TYPES, type FieldType, ID_TYPE, text } from './field-types.js';
import { type RestField, restField } from './rest-field.js';
import { NO_OBJECTS, RestObject } from './rest-object.js';

/** The users of the org, of whom there is one: the one that all sessions belong to. They can be read, and no more. */
export class UserObject extends RestObject {
  readonly #row: QueryRow;

  constructor({ userId, username }: Identity) {
    const fields = [
      readOnly('Id', ID_TYPE),
      readOnly('Username', text('string', 80)),
      readOnly('FirstName', text('string', 40)),
      readOnly('LastName', text('string', 80)),
      readOnly('Name', text('string', 121)),
      readOnly('Email', FIELD_TYPES.Email),
      readOnly('IsActive', FIELD_TYPES.Boolean),
    ];
    const info = { name: 'User', label: 'User', labelPlural: 'Users', keyPrefix: '005', fields, writable: false };
    super(info, NO_OBJECTS);
    this.#row = rowOf({
      Id: userId,
      Username: username,
      FirstName: 'Integration',
      LastName: 'User',
      Name: 'Integration User',
      Email: username,
      IsActive: true,
    });
  }

  rows(): QueryRow[] {
    return [this.#row];
  }

  row(id: string): QueryRow | undefined {
    return to18(id) === this.#row.id ? this.#row : undefined;
  }
}

function readOnly(name: string, type: FieldType): RestField {
  return restField({ name, type, place: { type: 'field', field: name }, createable: false, updateable: false });
}

function rowOf(values: Readonly<Record<string, string | boolean>> & { readonly Id: string }): QueryRow {
  const get = ({ name }: { readonly name: string }) => values[name] ?? null;
  return { object: 'User', id: values.Id, get, toJson: get, parent: () => undefined };
}
