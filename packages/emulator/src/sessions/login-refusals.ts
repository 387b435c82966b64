/** What a refused login is answered with. */
export interface LoginRefusal {
  /** HTTP status. */
  readonly status: number;
  /** OAuth's name of the error. */
  readonly error: string;
  readonly description: string;
}

/** Logins that are to be refused, whatever they bring: the next ones that come. */
export class LoginRefusals {
  private readonly coming: { readonly refusal: LoginRefusal; times: number }[] = [];

  /** Refuses so many logins more, behind those that are to be refused already. */
  plan(times: number, refusal: LoginRefusal): void {
    this.coming.push({ times, refusal });
  }

  /** What to refuse a login with, or `undefined` to let it try. */
  take(): LoginRefusal | undefined {
    const [first] = this.coming;
    if (first !== undefined && --first.times === 0) this.coming.shift();
    return first?.refusal;
  }
}
