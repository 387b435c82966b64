import type { OrgSession } from '@rxforce/core';
import { expect } from 'chai';
import { orgLogin } from './org-login.js';

const MINUTE_MS = 60_000;

describe('The login to an org', () => {
  /** A login whose sessions are numbered. `answer` and `refuse` settle the first one that is under way. */
  const start = () => {
    const waiting: { readonly resolve: (session: OrgSession) => void; readonly reject: (error: Error) => void }[] = [];
    const time = { now: 0 };
    let count = 0;
    const { auth, facts } = orgLogin(
      () => {
        count += 1;
        return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
      },
      () => time.now,
    );
    const session = (number: number): OrgSession => ({
      ...{ accessToken: `token ${number}`, instanceUrl: 'https://acme.example', organizationId: '00D' },
    });
    const answer = () => waiting.shift()?.resolve(session(count));
    const refuse = () => waiting.shift()?.reject(new Error('refused'));
    return { auth, facts, time, answer, refuse, logins: () => count };
  };

  it('of whoever asks for facts is given to the client, once', async () => {
    const { auth, facts, answer, logins } = start();
    const asked = facts();
    answer();
    expect(await asked).to.include({ instanceUrl: 'https://acme.example', organizationId: '00D' });
    expect(await auth.open()).to.include({ accessToken: 'token 1' });
    expect(logins()).to.equal(1);
    const again = auth.open();
    answer();
    expect(await again).to.include({ accessToken: 'token 2' });
  });

  it('is one, when both ask at the same time', async () => {
    for (const order of [['facts', 'open'] as const, ['open', 'facts'] as const]) {
      const { auth, facts, answer, logins } = start();
      const asked = order.map((each) => (each === 'facts' ? facts() : auth.open()));
      answer();
      await Promise.all(asked);
      expect(logins(), order.join()).to.equal(1);
    }
  });

  it('of the client answers all questions after it', async () => {
    const { auth, facts, answer, logins } = start();
    const opened = auth.open();
    answer();
    await opened;
    expect(await facts()).to.include({ organizationId: '00D' });
    expect(logins()).to.equal(1);
  });

  it('is a new one for the client, when the other is a minute old', async () => {
    const { auth, facts, time, answer } = start();
    const asked = facts();
    answer();
    await asked;
    time.now += MINUTE_MS;
    const opened = auth.open();
    answer();
    expect(await opened).to.include({ accessToken: 'token 2' });
  });

  it('is tried again, when it was refused', async () => {
    const { auth, facts, answer, refuse, logins } = start();
    const asked = Promise.allSettled([facts(), facts()]);
    refuse();
    expect((await asked).map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    const opened = auth.open();
    answer();
    expect(await opened).to.include({ accessToken: 'token 2' });
    expect(logins()).to.equal(2);
  });
});
