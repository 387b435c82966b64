/** Removes each secret from a text, also in the forms of URLs and of forms. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, encodeURIComponent(secret), new URLSearchParams({ '': secret }).toString().slice(1)])
    .reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}
