/** Why a value cannot be written to a field of an event. It never holds the value itself, which may be anybody's data. */
export interface FieldProblem {
  /** Which field: `Amount__c`, `Address.City`, `Tags[2]`. */
  readonly path: string;
  /** What it must be; for a name that the schema lacks, which one was probably meant. */
  readonly expected: string;
  /** What it is. */
  readonly actual: string;
}
