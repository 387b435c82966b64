import { readAccounts } from './accounts.js';

readAccounts(process.env).then(console.log, (error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
