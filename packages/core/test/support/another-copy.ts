import type * as model from '../../src/model/index.js';

let copies = 0;

/** The model as another copy of the package has it: a nested `node_modules`, or a bundle, makes one. */
export async function anotherCopy(): Promise<Pick<typeof model, 'ReplayId'>> {
  const url = new URL(`../../src/model/replay-id.ts?copy=${++copies}`, import.meta.url);
  return (await import(url.href)) as Pick<typeof model, 'ReplayId'>;
}
