/** A queue of planned values, each for some cases or for all. Values planned first are used first. */
export class Planned<Only, Value> {
  private readonly coming: { readonly value: Value; readonly only: Only; times: number }[] = [];

  /**
   * Plans a value for a number of times, after those already planned.
   *
   * @param only - The cases it applies to, as the callback of `take` interprets them.
   */
  plan(value: Value, only: Only, times: number): void {
    this.coming.push({ value, only, times });
  }

  /** Takes the planned value for a case; `undefined` when there is none. */
  take(isFor: (only: Only) => boolean): Value | undefined {
    const index = this.coming.findIndex(({ only }) => isFor(only));
    const planned = this.coming[index];
    if (planned !== undefined && --planned.times === 0) this.coming.splice(index, 1);
    return planned?.value;
  }
}
