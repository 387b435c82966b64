import { expect } from 'chai';
import { createLogClient, memoryReplayStore, type Membership, type Status } from '@rxforce/core';
import { memoryEventLog } from '@rxforce/core/testing';
import { handle } from '@rxforce/operators';
import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { BehaviorSubject, firstValueFrom, NEVER, Subject } from 'rxjs';
import { MemoryLeases } from '../../../core/test/support/memory-lease.js';
import { livePage } from '../../src/index.js';
import { stagesInBrowser } from '../support/stage-in-browser.js';

const SCROLL_WIDTH = 'document.documentElement.scrollWidth';

describe('The live page in Chromium shows the process', function () {
  this.timeout(120_000);
  const { open, look } = stagesInBrowser();
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('and drains it, when that was confirmed, by keyboard: what is in work, and that nothing is left', async () => {
    const { page, complaints, stage } = await open({ actions: true });
    const go = new Subject<void>();
    let begun = 0;
    stage.accounts(() => (begun++, firstValueFrom(go)));
    stage.emulator.org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
    while (begun < 2) await turn();
    const button = page.getByRole('button', { name: 'Drain…' });
    const dialog = page.getByRole('dialog', { name: 'Drain this process?' });
    await button.focus();
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(stage.client.state().state).to.equal('open');
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Drain' }).click();
    const said = page.getByRole('status').filter({ hasText: 'drained' });
    await said.getByText('it reads nothing new. In work: 2.').waitFor();
    await page.locator('.clients').getByText('draining').waitFor();
    expect(await button.count()).to.equal(0);
    go.next();
    await said.getByText('Settled meanwhile: 2. Nothing is left.').waitFor();
    await page.locator('.clients').getByText('closed').waitFor();
    await page.getByRole('tab', { name: 'What happened' }).click();
    await page.getByText('a drain was begun').waitFor();
    expect(complaints).to.deep.equal([]);
  });

  it('in 375 pixels on each tab, also where names are long, and begins with what reads nothing', async () => {
    const names = ['A', 'B', 'C'].map((each) => `An_Object_Of_A_Package_With_A_Very_Long_Name_${each}__ChangeEvent`);
    const states = ['live', 'waiting', 'failed'] as const;
    const subscriptions = states.map((state, index) => ({
      ...{ topic: `/data/${names[index]}`, name: 'default', state, subscription: index, since: 0, troubleSince: 0 },
      ...{ wasConnected: true, window: undefined, lagMs: 5, lastResponseAt: 0, start: undefined },
      ...{ cause: undefined, lastCommit: undefined },
    }));
    const client = {
      status$: NEVER,
      state: () => ({ at: 0, state: 'open' as const, login: undefined, apiUsage: undefined, subscriptions }),
    };
    const full = memoryDeadLetterQueue();
    full.depth = () => Promise.resolve(3);
    const deadLetters = Object.fromEntries(
      names.map((name) => [name, name.includes('_B_') ? full : memoryDeadLetterQueue()]),
    );
    const positions = { store: memoryReplayStore(), organizationId: '00D000000000001' };
    const other = await livePage(client, { port: 0, deadLetters, positions, actions: true });
    try {
      other.note({ level: 'error', text: 'put aside', topic: `/data/${names[0]}` });
      const { page } = await look(other.url, { width: 375 });
      const topics = page.locator('.topic');
      await topics.nth(2).waitFor();
      expect(await topics.allInnerTexts()).to.deep.equal([2, 1, 0].map((index) => `/data/${names[index]}`));
      for (const name of ['Subscriptions', 'Events', 'Dead letters', 'Positions', 'Snapshot', 'What happened']) {
        await page.getByRole('tab', { name }).click();
        await page.getByRole('tabpanel', { name }).waitFor();
        if (name === 'Dead letters') {
          await page.getByRole('list', { name: 'Queues' }).getByRole('button').first().getByText('3').waitFor();
        }
        if (name === 'Positions' || name === 'What happened') await page.locator('tbody tr').first().waitFor();
        expect(await page.evaluate<number>(SCROLL_WIDTH), name).to.equal(375);
      }
    } finally {
      await other.close();
    }
  });

  it('and says that it is drained by somebody else, and that it has gone then', async () => {
    const { page, stage } = await open();
    const go = new Subject<void>();
    let begun = 0;
    stage.accounts(() => (begun++, firstValueFrom(go)));
    stage.emulator.org.create('Account', { Name: 'a' });
    while (begun < 1) await turn();
    await page.getByRole('tabpanel').waitFor();
    expect(await page.getByRole('button', { name: 'Drain…' }).count(), 'the page only shows').to.equal(0);
    const drained = stage.client.drain();
    await page.getByRole('status').getByText('it reads nothing new. In work: 1.').waitFor();
    go.next();
    await drained;
    await page.getByRole('status').getByText('the process has closed its clients').waitFor();
    await stage.page.close();
    await page.getByRole('alert').getByText('The process was drained, and has not answered since').waitFor();
  });

  it('with how many of how many letters are redriven, and how it ended', async () => {
    const { page, stage } = await open({ actions: true });
    const go = new Subject<void>();
    stage.accounts(() => Promise.reject(new Error('the CRM said 500')));
    for (const Name of ['a', 'b', 'c']) stage.emulator.org.create('Account', { Name });
    while ((await stage.deadLetters.depth()) < 3) await turn();
    let begun = 0;
    stage.redriven = () => {
      if (begun++ < 2) return begun === 1 ? Promise.resolve() : Promise.reject(new Error('still 500'));
      return firstValueFrom(go);
    };
    await page.getByRole('tab', { name: 'Dead letters' }).click();
    await page.getByRole('button', { name: 'Redrive all' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Redrive' }).click();
    const work = page.getByRole('list', { name: 'Work on these letters' });
    await work.getByText('1 of 3 done, 1 failed again, running').waitFor();
    const bar = work.getByRole('progressbar', { name: 'redrive of accounts' });
    expect(await bar.evaluate((each) => (each as unknown as { position: number }).position)).to.equal(2 / 3);
    go.next();
    await work.getByText(/redrive: 2 of 3 done, 1 failed again, done at/).waitFor();
    expect(await bar.count()).to.equal(0);
    await page
      .locator('[aria-live=polite]')
      .getByText(/2 of 3 done/)
      .waitFor({ state: 'attached' });
  });

  it('with the error that a redrive has ended with', async () => {
    const { page, stage } = await open({ actions: true });
    stage.accounts(() => Promise.reject(new Error('the CRM said 500')));
    stage.emulator.org.create('Account', { Name: 'a' });
    while ((await stage.deadLetters.depth()) < 1) await turn();
    stage.deadLetters.take = () => Promise.reject(new Error('the disk is gone'));
    stage.deadLetters.depth = () => Promise.reject(new Error('the disk is gone'));
    await page.getByRole('tab', { name: 'Dead letters' }).click();
    await page.getByRole('button', { name: 'Redrive all' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Redrive' }).click();
    await page
      .getByRole('list')
      .getByText(/failed at .*the disk is gone/)
      .waitFor();
  });

  it('with who asks for which partition of a log, and how far this process is behind', async () => {
    const members$ = new BehaviorSubject(['here', 'there']);
    const membership: Membership = { join: () => members$ };
    const log = memoryEventLog({ partitions: 3 });
    const logger = { warn: () => undefined };
    const client = createLogClient({ log, membership, memberName: 'here', logger });
    const other = await livePage(client, { port: 0 });
    const replay = { store: memoryReplayStore(), name: 'workers' };
    const running = client
      .changes('Account', { replay, lease: new MemoryLeases(300).lease() })
      .pipe(handle(() => undefined))
      .subscribe();
    try {
      const { page, complaints } = await look(other.url, { width: 375 });
      await page.getByText('open, of an event log').waitFor();
      await page.getByRole('tab', { name: 'Scale-out' }).click();
      const members = page.getByRole('table', { name: 'Members' });
      // Both, as the other one is "there".
      const rows = members.getByRole('row').filter({ hasText: 'here' });
      await rows.nth(1).waitFor();
      expect(await rows.count()).to.equal(2);
      const partitions = page.getByRole('table', { name: 'Partitions' }).getByRole('row');
      const mine = partitions.filter({ hasText: 'this process' });
      const theirs = partitions.filter({ hasNotText: 'this process' }).filter({ hasText: 'there' });
      await mine.first().getByText('active').waitFor();
      expect((await mine.count()) + (await theirs.count())).to.equal(3);
      expect(await theirs.first().innerText())
        .to.include('–')
        .and.not.include('live');
      // Its position is in the store that both share.
      await theirs.first().locator('[data-label="Events behind"]').getByText('0', { exact: true }).waitFor();
      await mine.first().locator('[data-label="Events behind"]').getByText('0', { exact: true }).waitFor();
      expect(await page.evaluate<number>(SCROLL_WIDTH)).to.equal(375);
      members$.next(['here']);
      await page.getByRole('table', { name: 'Topics of the log' }).getByText('3 of 3').waitFor();
      await members.getByText('0, 1, 2').waitFor();
      expect(await theirs.count()).to.equal(0);
      expect(complaints).to.deep.equal([]);
    } finally {
      running.unsubscribe();
      client.close();
      await other.close();
    }
  });

  it('with each object whose records are read, how many of how many, and from where it would go on', async () => {
    const { page, stage } = await open({}, { width: 375 });
    const status$ = new Subject<Status>();
    stage.page.observe({ status$ });
    const of = { type: 'snapshot', topic: '/data/ChangeEvents', name: 'crm', subscription: 1 } as const;
    const entities = ['Account', 'Contact', 'Lead'];
    const tell = (entity: string, rows: number, more: object) =>
      status$.next({ ...of, phase: 'reading', entity, rows, of: 400, entities, ...more } as Status);
    tell('Account', 200, { read: [], settled: 100, cursor: '{"of":"x","after":"001000000000009"}' });
    await page.getByRole('tab', { name: 'Snapshot' }).click();
    const row = (entity: string) => page.getByRole('row').filter({ hasText: entity });
    await row('Account').getByText('200 of ~400').waitFor();
    await row('Account').getByText('001000000000009').waitFor();
    await row('Account').getByRole('img', { name: '50 % are read' }).waitFor();
    await row('Lead').getByText('waiting', { exact: true }).waitFor();
    tell('Account', 400, { read: ['Account'] });
    tell('Contact', 70, {
      read: ['Account'],
      settled: 60,
      cursor: '{"of":"x","job":"750000000000001","most":9,"row":5}',
    });
    await row('Account').getByText('done', { exact: true }).waitFor();
    await row('Contact').getByText('at row 5 of a part of the job 750000000000001').waitFor();
    expect(await page.evaluate<number>(SCROLL_WIDTH)).to.equal(375);
  });
});
