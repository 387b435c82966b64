export function deadLinksIn(_a: string, _b?: string): string[] { return []; }
