/** An error of the system, with its code. */
export const errorWith = (code: string) => Object.assign(new Error(`${code}: something happened`), { code });
