import { clientCredentials, createClient } from '@rxforce/core';
import { startEmulator } from '@rxforce/emulator';
import { handle, limit } from '@rxforce/operators';

// Stands in for an org, on this machine.
const emulator = await startEmulator();
const acme = emulator.org.create('Account', { Name: 'Acme', Industry: 'Energy' });
emulator.org.update('Account', acme, { Industry: 'Banking' });

const client = createClient({
  auth: clientCredentials({ ...emulator.credentials, loginUrl: emulator.httpUrl }),
  endpoint: emulator.grpcEndpoint,
  tls: { ca: emulator.ca },
});

// Your work. An event counts as done when the promise is resolved.
async function save({ header, data }) {
  console.log(`${header.changeType} of ${header.entityName}: Industry is ${data.Industry}`);
}

client
  .changes('Account', { replay: 'earliest' })
  .pipe(handle(save), limit(2))
  .subscribe({
    error: (error) => console.error(error.message),
    complete: async () => {
      client.close();
      await emulator.stop();
    },
  });
