/**
 * Why a value cannot be written to a field of an event. It never holds the value itself, which may be anybody's data.
 */
export interface FieldProblem {
  /** The field: `Amount__c`, `Address.City`, `Tags[2]`. */
  readonly path: string;
  /** The expected kind of value. For a name that the schema lacks, the name that was probably meant. */
  readonly expected: string;
  /** The actual kind of value. */
  readonly actual: string;
}
