const { test } = require('node:test');
const { readEmulated } = require('./src/emulated.js');

test('reads accounts', async () => {
  console.log(await readEmulated());
});
