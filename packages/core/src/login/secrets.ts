/** A text with each secret in it blotted out, also where it stands as in a URL or in a form. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, encodeURIComponent(secret), new URLSearchParams({ '': secret }).toString().slice(1)])
    .reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}
