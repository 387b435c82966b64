import type { ValueReader } from './value-readers.js';

/** A record of an answer: an object of JSON by names of columns, or a row of a table by their places. */
export type Cells = Readonly<Record<string | number, unknown>>;

/** The key of a column in {@link Cells}; `undefined` where the answer does not have it. */
export type KeyOf = (column: string) => string | number | undefined;

/** Reads the value of one field of an event. */
export type FieldReader = (cells: Cells) => unknown;

/** A field of events, and how it is made of columns. */
export interface FieldForm {
  /** Its name in events. */
  readonly name: string;
  /** The columns to ask for. */
  readonly columns: readonly string[];
  /** Makes the reader for answers of one kind; `undefined` where they lack the columns. */
  bind(keyOf: KeyOf): FieldReader | undefined;
}

/** A column, and how its values are read. */
export interface ReadColumn {
  readonly column: string;
  readonly read: ValueReader;
}

/** A field with one value. */
export function valueForm(name: string, { column, read }: ReadColumn): FieldForm {
  return {
    name,
    columns: [column],
    bind: (keyOf) => {
      const key = keyOf(column);
      return key === undefined ? undefined : (cells) => read(cells[key]);
    },
  };
}

/** A part of a compound; without a column it is always null. */
export interface PartForm {
  readonly name: string;
  readonly from: ReadColumn | undefined;
}

/** A field of fields: null where no part has a value, otherwise an object with all parts. */
export function compoundForm(name: string, parts: readonly PartForm[]): FieldForm {
  const empty = Object.fromEntries(parts.map((part) => [part.name, null]));
  return {
    name,
    columns: parts.flatMap(({ from }) => from?.column ?? []),
    bind: (keyOf) => {
      const bound = parts.flatMap(({ name: part, from }) => {
        const key = from === undefined ? undefined : keyOf(from.column);
        return from === undefined || key === undefined ? [] : [{ part, key, read: from.read }];
      });
      if (bound.length === 0) return undefined;
      return (cells) => {
        let whole: Record<string, unknown> | null = null;
        for (const { part, key, read } of bound) {
          const value = read(cells[key]);
          if (value !== null) (whole ??= { ...empty })[part] = value;
        }
        return whole;
      };
    },
  };
}

/** The name of an account: of a person its parts, of a company the text. */
export function switchableForm(person: FieldForm, text: FieldForm, isPerson: FieldForm): FieldForm {
  return {
    name: person.name,
    columns: [...person.columns, ...text.columns, ...isPerson.columns],
    bind: (keyOf) => {
      const [readPerson, readText, test] = [person.bind(keyOf), text.bind(keyOf), isPerson.bind(keyOf)];
      if (readText === undefined) return readPerson;
      if (readPerson === undefined || test === undefined) return readText;
      return (cells) => (saysPerson(test(cells)) ? readPerson(cells) : readText(cells));
    },
  };
}

/** A field that only persons have: null for a company, whatever the column says. */
export function ofPersonsOnly(form: FieldForm, isPerson: FieldForm): FieldForm {
  return {
    name: form.name,
    columns: [...form.columns, ...isPerson.columns],
    bind: (keyOf) => {
      const [read, test] = [form.bind(keyOf), isPerson.bind(keyOf)];
      if (read === undefined || test === undefined) return read;
      return (cells) => (saysPerson(test(cells)) ? read(cells) : null);
    },
  };
}

/** Whether an account is a person: the column says so, or there is a person's name. */
function saysPerson(value: unknown): boolean {
  return value !== null && value !== false;
}
