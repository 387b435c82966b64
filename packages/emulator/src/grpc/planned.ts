/** What is to happen the next times, each for some cases or for all. What was ordered first comes first. */
export class Planned<Only, Value> {
  private readonly coming: { readonly value: Value; readonly only: Only; times: number }[] = [];

  /**
   * Plans it for so many times, behind what is planned already.
   *
   * @param only - Which cases it is for, as `take` understands it.
   */
  plan(value: Value, only: Only, times: number): void {
    this.coming.push({ value, only, times });
  }

  /** What is planned for a case, or `undefined` when that is nothing. */
  take(isFor: (only: Only) => boolean): Value | undefined {
    const index = this.coming.findIndex(({ only }) => isFor(only));
    const planned = this.coming[index];
    if (planned !== undefined && --planned.times === 0) this.coming.splice(index, 1);
    return planned?.value;
  }
}
