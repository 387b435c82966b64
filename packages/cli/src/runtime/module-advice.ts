/**
 * What to do about a module of the user that cannot be loaded, as a sentence with a space before it; empty where nobody
 * knows more than the error says.
 *
 * @param cause - What `import()` threw.
 */
export function adviceOnModule(cause: unknown): string {
  const { code, message } = Object(cause) as { readonly code?: unknown; readonly message?: unknown };
  const [, name] = /^Cannot find package '([^']+)'/.exec(String(message)) ?? [];
  if (code === 'ERR_MODULE_NOT_FOUND' && name !== undefined) {
    return ` Install it beside the module: npm install ${name}`;
  }
  if (cause instanceof SyntaxError && /import statement outside a module|token 'export'/.test(cause.message)) {
    return ' Let its name end with .mjs, or have "type": "module" in its package.json.';
  }
  return '';
}
