import { readEmulated } from './src/emulated';

test('reads accounts', async () => {
  console.log(await readEmulated());
}, 120_000);
