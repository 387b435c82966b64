import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { withEmulator } from '../support/emulated.js';
import type { NoGeneratedCodeReport, NoGeneratedCodeTask } from '../support/no-generated-code-main.js';

/** Runs the task where no code may be made of text. Rejects when the process ends without a report. */
async function run(task: NoGeneratedCodeTask): Promise<NoGeneratedCodeReport> {
  const child = fork(
    fileURLToPath(new URL('../support/no-generated-code-main.ts', import.meta.url)),
    [JSON.stringify(task)],
    { execArgv: ['--disallow-code-generation-from-strings', '--conditions=rxforce-source', '--import=tsx'] },
  );
  try {
    return await new Promise<NoGeneratedCodeReport>((resolve, reject) => {
      child.once('message', (report: string) => resolve(JSON.parse(report) as NoGeneratedCodeReport));
      child.once('exit', (code) => reject(new Error(`The process ended with ${String(code)} and reported nothing.`)));
    });
  } finally {
    child.kill();
  }
}

describe('node --disallow-code-generation-from-strings', () => {
  it('reads and publishes what it does without, from a server that knows nothing of it', async function () {
    this.timeout(120_000);
    await withEmulator(
      async (emulator) => {
        const { org, httpUrl, grpcEndpoint, credentials } = emulator;
        const id = org.create('Account', { Name: 'Größe', AnnualRevenue: 5.5, BillingAddress: { City: 'Paris' } });
        org.update('Account', id, { AnnualRevenue: null, BillingAddress: { City: 'Rome' } });
        const { clientId, clientSecret } = credentials;
        const { changes, published } = await run({
          endpoint: grpcEndpoint,
          auth: { loginUrl: httpUrl, clientId, clientSecret },
          topic: '/event/Order_Event__e',
          data: { Order_Number__c: '7', Amount__c: 2.5, Has_Shipped__c: true },
        });
        expect(changes.map(({ header }) => [header.changeType, header.changedFields])).to.deep.include.members([
          ['CREATE', []],
        ]);
        expect(changes[0]!.data).to.include({ Name: 'Größe', AnnualRevenue: 5.5 });
        expect(changes[1]!.header).to.include({ entityName: 'Account', changeType: 'UPDATE' });
        expect(changes[1]!.header.nulledFields).to.deep.equal(['AnnualRevenue']);
        expect(changes[1]!.data.BillingAddress).to.include({ City: 'Rome' });
        expect(published).to.equal(true);
      },
      { tls: false },
    );
  });
});
