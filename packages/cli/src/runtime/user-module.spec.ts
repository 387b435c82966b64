import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConfigurationError } from '@rxforce/core/model';
import { defaultExportOf } from './user-module.js';

describe('defaultExportOf', () => {
  let folder: string;

  before(() => (folder = mkdtempSync(join(tmpdir(), 'rxforce-module-'))));
  after(() => rmSync(folder, { recursive: true }));

  const failureOf = async (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    const error: unknown = await defaultExportOf(name, folder).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ConfigurationError);
    return (error as Error).message;
  };

  it('names the line, when a module throws while it is loaded', async () => {
    const message = await failureOf('throws.mjs', 'export default 1;\n\nnobodyKnowsThis();\n');
    expect(message).to.equal(
      `The module throws.mjs cannot be loaded: ${folder}/throws.mjs:3: ReferenceError: nobodyKnowsThis is not defined`,
    );
  });

  it('names no line, when a module is not there that it imports', async () => {
    expect(await failureOf('imports.mjs', "import './nothing.mjs';\n")).to.match(
      /cannot be loaded: Error: Cannot find module/,
    );
  });

  it('names the line of an error of its syntax, which the error itself does not have', async () => {
    const message = await failureOf('open.mjs', 'export default () => {\n  return 1;\n');
    expect(message).to.equal(
      `The module open.mjs cannot be loaded: ${folder}/open.mjs:3: SyntaxError: Unexpected end of input`,
    );
  });
});
