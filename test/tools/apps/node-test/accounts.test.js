import { test } from 'node:test';
import { readEmulated } from './src/emulated.js';

test('reads accounts', async () => {
  console.log(await readEmulated());
});
