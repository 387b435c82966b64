/** A value without parts, as a record holds it. Dates are milliseconds since 1970. */
export type ScalarValue = string | number | boolean;

/** The parts of a compound value. */
export type CompoundValue = Readonly<Record<string, ScalarValue | null>>;

/** A value of a record's field. A compound none of whose parts has a value is null. */
export type FieldValue = ScalarValue | CompoundValue | null;

/** A record's values by API names, or an event's. A field that is left out is null. */
export type FieldValues = Readonly<Record<string, FieldValue>>;
