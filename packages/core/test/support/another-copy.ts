import { pathToFileURL } from 'node:url';
import { bundled } from '../../../../test/support/bundled.js';
import type * as model from '../../src/model/index.js';

let copies = 0;

/**
 * The model as another copy of the package has it, with nothing in common: a nested `node_modules`, or a bundle, makes
 * one.
 */
export async function anotherCopy(): Promise<typeof model> {
  const file = bundled(new URL('../../src/model/index.ts', import.meta.url));
  return (await import(`${pathToFileURL(file).href}?copy=${++copies}`)) as typeof model;
}
