import type avsc from 'avsc';
// Not the library's main module: that makes types as it is loaded, with code made of text.
// @ts-expect-error -- declared is the main module alone, which has the same classes
import library from 'avsc/lib/types.js';
import { mayGenerateCode } from '../model/generated-code.js';

const { builtins, Type } = library as { readonly builtins: typeof avsc.types; readonly Type: typeof avsc.Type };

/** The classes of Avro's types. */
export const types: typeof avsc.types = builtins;

/** The class of all types: `AvroType.forSchema` makes that of a schema. */
export const AvroType: typeof avsc.Type = Type;

/** What avsc makes of text for each type, and what it makes it of. */
interface Generating {
  readonly branchName: string | undefined;
  readonly fields: readonly Pick<avsc.types.Field, 'name' | 'type' | 'defaultValue'>[];
  readonly recordConstructor: unknown;
  readonly _checkFields: (value: object) => boolean;
}

/** Fields of the types of fields, which the declarations leave out. */
interface Inner {
  _read(tap: object): unknown;
  _skip(tap: object): void;
  _write(tap: object, value: unknown): void;
  _check(value: unknown, flags: unknown, hook: unknown, path: string[]): boolean;
}

type Values = Record<string, unknown>;

/** Called with each value that does not fit. */
type Hook = ((value: unknown, type: unknown) => void) | undefined;

/** What avsc makes for all types, without code made of text. */
const FOR_ALL_TYPES = {
  _createBranchConstructor(this: Generating) {
    const name = this.branchName ?? '';
    if (name === 'null') return null;
    function Branch(this: Values, value: unknown) {
      this[name] = value;
    }
    const unwrap = function (this: Values) {
      return this[name];
    };
    Object.assign(Branch.prototype as object, { unwrap, unwrapped: unwrap });
    return Object.assign(Branch, { type: this });
  },
};

/** What avsc makes for records: functions that loop over the fields. */
const FOR_RECORDS = {
  _createConstructor(this: Generating) {
    const { fields } = this;
    return function Record(this: Values, ...values: unknown[]) {
      fields.forEach(({ name, defaultValue }, index) => {
        this[name] = values[index] === undefined ? defaultValue() : values[index];
      });
    };
  },
  _createChecker(this: Generating) {
    const { fields } = this;
    return function check(this: Generating, value: Values | null, flags: unknown, hook: Hook, path: string[]) {
      if (typeof value !== 'object' || value === null || (flags && !this._checkFields(value))) {
        hook?.(value, this);
        return false;
      }
      const results = fields.map((field) => {
        const each = value[field.name];
        if (each === undefined && field.defaultValue() !== undefined) return true;
        if (!hook) return inner(field)._check(each, flags, hook, path);
        // The same array at each level: the hook has been given it.
        path.push(field.name);
        const fits = inner(field)._check(each, flags, hook, path);
        path.pop();
        return fits;
      });
      return results.every(Boolean);
    };
  },
  _createReader(this: Generating) {
    const { fields } = this;
    const Made = this.recordConstructor as new (...values: unknown[]) => object;
    return (tap: object) => new Made(...fields.map((field) => inner(field)._read(tap)));
  },
  _createSkipper(this: Generating) {
    const { fields } = this;
    return (tap: object) => fields.forEach((field) => inner(field)._skip(tap));
  },
  _createWriter(this: Generating) {
    const { fields } = this;
    return (tap: object, value: Values) => {
      for (const field of fields) {
        const given = value[field.name];
        inner(field)._write(tap, given === undefined ? field.defaultValue() : given);
      }
    };
  },
};

function inner({ type }: Pick<avsc.types.Field, 'type'>): Inner {
  return type as unknown as Inner;
}

// Schemas are parsed and written as ever.
if (!mayGenerateCode()) {
  Object.assign(AvroType.prototype, FOR_ALL_TYPES);
  Object.assign(types.RecordType.prototype, FOR_RECORDS);
}
