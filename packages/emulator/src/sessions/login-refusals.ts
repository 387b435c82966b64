/** The answer to a refused login. */
export interface LoginRefusal {
  /** HTTP status. */
  readonly status: number;
  /** OAuth's name of the error. */
  readonly error: string;
  readonly description: string;
}

/** The planned refusals of the next logins, whatever their credentials. */
export class LoginRefusals {
  private readonly coming: { readonly refusal: LoginRefusal; times: number }[] = [];

  /** Plans to refuse more logins, after those already planned. */
  plan(times: number, refusal: LoginRefusal): void {
    this.coming.push({ times, refusal });
  }

  /** The refusal for a login; `undefined` to let it proceed. */
  take(): LoginRefusal | undefined {
    const [first] = this.coming;
    if (first !== undefined && --first.times === 0) this.coming.shift();
    return first?.refusal;
  }
}
