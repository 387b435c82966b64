import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import { stagesInBrowser } from '../support/stage-in-browser.js';

const HOSTILE = '<img src=x onerror="document.title=`broken`">';

/** Counts what can be used and has no name. It runs in the page. */
const UNNAMED = `[...document.querySelectorAll('button, input, select, a')].filter((each) => {
  const label = each.getAttribute('aria-label') ?? each.labels?.[0]?.textContent ?? each.textContent;
  return each.checkVisibility() && label.trim() === '';
}).length`;

/** How an element looks. */
function styleOf(locator: Locator, property: string): Promise<string | undefined> {
  interface Window {
    getComputedStyle(element: unknown): Readonly<Record<string, string>>;
  }
  return locator.evaluate(
    (element: unknown, name: string) => (globalThis as unknown as Window).getComputedStyle(element)[name],
    property,
  );
}

describe('The live page in Chromium', function () {
  this.timeout(120_000);
  const { open, look } = stagesInBrowser();
  const tab = (page: Page, name: string) => page.getByRole('tab', { name }).click();
  const row = (page: Page, topic = 'AccountChangeEvent') => page.getByRole('row').filter({ hasText: topic });
  /** Says yes to the question that the page asks. */
  const confirm = (page: Page, label: string) => page.getByRole('dialog').getByRole('button', { name: label }).click();

  it('shows a subscription that is live, why it waits after a fault, and that it is live again', async () => {
    const { page, complaints, foreign, stage } = await open();
    stage.accounts(() => Promise.resolve());
    stage.emulator.org.create('Account', { Name: 'a' });
    await row(page).getByText('live', { exact: true }).waitFor();
    await stage.emulator.faults.stopServer();
    await row(page).getByText('waiting', { exact: true }).waitFor();
    await row(page).getByText('next try in').waitFor();
    await page.locator('[aria-live=polite]').getByText('AccountChangeEvent is waiting').waitFor({ state: 'attached' });
    expect(await row(page).locator('.reason').textContent()).to.match(/UNAVAILABLE|ECONNREFUSED|connection/i);
    await stage.emulator.faults.startServer();
    stage.emulator.org.create('Account', { Name: 'b' });
    await row(page).getByText('live', { exact: true }).waitFor();
    await tab(page, 'What happened');
    await page.getByRole('row').filter({ hasText: 'warn' }).filter({ hasText: 'It is tried again' }).first().waitFor();
    expect(complaints).to.deep.equal([]);
    expect(foreign).to.deep.equal([]);
  });

  it('shows a full window in red, when the work does not end', async () => {
    const { page, stage } = await open();
    stage.accounts(() => new Promise(() => undefined), { window: 5 });
    stage.emulator.org.create(
      'Account',
      Array.from({ length: 9 }, (_, index) => ({ Name: `n${index}` })),
    );
    await row(page).getByText('full', { exact: true }).waitFor();
    const bar = row(page).getByRole('img', { name: /^5 in work, 0 not saved, 0 asked for, 0 free, of 5$/ });
    const red = await styleOf(page.getByText('full', { exact: true }), 'color');
    expect(await styleOf(bar.locator('rect.unsettled'), 'fill'))
      .to.equal(red)
      .and.to.match(/^rgb/);
  });

  it('empties a queue by a redrive that was confirmed, and writes it down', async () => {
    const { page, stage } = await open({ actions: true });
    const redriven: string[] = [];
    stage.redriven = ({ header }) => Promise.resolve(redriven.push(...header.recordIds));
    stage.accounts(() => Promise.reject(new Error('the CRM said 500')));
    const ids = ['a', 'b', 'c'].map((Name) => stage.emulator.org.create('Account', { Name }));
    await row(page).getByText('live', { exact: true }).waitFor();
    while ((await stage.deadLetters.depth()) < 3) await new Promise((resolve) => setImmediate(resolve));
    await tab(page, 'Dead letters');
    await row(page, ids[0]).getByText('the CRM said 500').waitFor();
    await row(page, ids[0]).getByRole('button', { name: 'Redrive' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(redriven).to.deep.equal([]);
    await row(page, ids[0]).getByRole('button', { name: 'Redrive' }).click();
    await confirm(page, 'Redrive');
    await page.getByRole('list').getByText('1 of 1 done, done').waitFor();
    expect(redriven).to.deep.equal([ids[0]]);
    await page.getByRole('button', { name: 'Redrive all' }).click();
    await confirm(page, 'Redrive');
    await page.getByRole('list').getByText('2 of 2 done, done').waitFor();
    await page.getByText('There are no letters.').waitFor();
    await page.getByRole('button', { name: 'accounts 0' }).waitFor();
    expect(await stage.deadLetters.depth()).to.equal(0);
    await tab(page, 'What happened');
    await page.getByText('dead letters of accounts, of all: 2 were redriven, 0 failed again').waitFor();
  });

  it('discards only the letters that match, and keeps one that fails again', async () => {
    const { page, stage } = await open({ actions: true });
    stage.redriven = () => Promise.reject(new Error('still 500'));
    stage.accounts(({ data }) => Promise.reject(new Error(`no ${String((data as { Name?: unknown }).Name)}`)));
    for (const Name of ['apple', 'pear']) stage.emulator.org.create('Account', { Name });
    while ((await stage.deadLetters.depth()) < 2) await new Promise((resolve) => setImmediate(resolve));
    await page.getByRole('tab', { name: 'Dead letters' }).locator('.badge.bad').waitFor();
    await tab(page, 'Dead letters');
    await page.getByText('no pear').waitFor();
    await page.getByRole('searchbox').fill('APPLE');
    await page.getByText('no pear').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Discard all that match' }).click();
    await confirm(page, 'Discard');
    await page.getByText('There are no letters.').waitFor();
    await page.getByRole('searchbox').fill('');
    await page.getByRole('button', { name: 'Redrive all' }).click();
    await confirm(page, 'Redrive');
    await page.getByRole('list').getByText('0 of 1 done, 1 failed again').waitFor();
    await page.getByText('still 500').waitFor();
    expect(await stage.deadLetters.depth()).to.equal(1);
  });

  it('keeps the last figures and says since when, when the process is gone, and goes on when it is back', async () => {
    const { page, stage } = await open();
    stage.accounts(() => Promise.resolve());
    await row(page).waitFor();
    await stage.page.close();
    await page.getByRole('alert').getByText('The process has not answered since').waitFor();
    await page.locator('.stale').getByText('/data/AccountChangeEvent').waitFor();
    await stage.serve();
    await page.locator('.banner').waitFor({ state: 'detached' });
    stage.many(1);
    await row(page, 'LeadChangeEvent').waitFor();
  });

  it('shows what is hostile as text', async () => {
    const { page, complaints, stage } = await open({ values: true, actions: true });
    stage.accounts(() => Promise.reject(new Error(HOSTILE)));
    await row(page).waitFor();
    await tab(page, 'Events');
    await page.getByRole('button', { name: 'Show events' }).click();
    await page.getByText('No event has come since').waitFor();
    stage.emulator.org.create('Account', { Name: HOSTILE });
    await row(page, 'CREATE').getByText('Show', { exact: true }).click();
    await page.getByText(HOSTILE.replaceAll('"', '\\"')).waitFor();
    await tab(page, 'Dead letters');
    await page.locator('.reason').getByText(HOSTILE).waitFor();
    expect(await page.locator('img:not(svg)').count()).to.equal(0);
    expect(await page.title()).to.equal('rxforce');
    expect(complaints).to.deep.equal([]);
  });

  it('shows events only on request, without values, filtered, and copies one as a fixture', async () => {
    const { page, stage } = await open();
    stage.accounts(() => Promise.resolve());
    await row(page)
      .getByText(/live|connected/)
      .waitFor();
    await tab(page, 'Events');
    await page.getByRole('button', { name: 'Show events' }).click();
    await page.getByText('No event has come since').waitFor();
    const id = stage.emulator.org.create('Account', { Name: 'Abel' });
    stage.emulator.org.update('Account', id, { Phone: '1' });
    await row(page, 'UPDATE').waitFor();
    await row(page, 'CREATE').waitFor();
    expect(await page.getByText('Abel').count()).to.equal(0);
    await page.getByRole('searchbox').fill('type = update AND changed = Phone');
    await row(page, 'CREATE').waitFor({ state: 'detached' });
    await row(page, 'UPDATE').getByRole('button', { name: 'Copy as fixture' }).click();
    await page.getByRole('dialog').getByText('Copied:').waitFor();
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(copied).to.include("changeEvent({\n  entityName: 'Account',\n  changeType: 'UPDATE',").and.include(id);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('searchbox').fill('type = DELETE');
    await page.getByText('None of the events fits the filter.').waitFor();
  });

  it('sets a position that nobody uses, and offers none that is in use', async () => {
    const { page, stage } = await open({ actions: true });
    const organizationId = stage.emulator.credentials.organizationId.slice(0, 15);
    const key = { organizationId, topic: '/data/AccountChangeEvent', name: 'sync' };
    const positions = { store: stage.store, organizationId, of: [{ topic: 'Account', name: 'sync' }] };
    await stage.page.close();
    await stage.serve({ actions: true, positions });
    const leave = stage.accounts(() => Promise.resolve());
    stage.emulator.org.create('Account', { Name: 'a' });
    while ((await stage.store.load(key)) === undefined) await new Promise((resolve) => setImmediate(resolve));
    await tab(page, 'Positions');
    await row(page).getByText('this process, whose subscription is').waitFor();
    expect(await row(page).getByRole('button', { name: 'Set' }).isDisabled()).to.equal(true);
    leave();
    await row(page).getByText('nobody here').waitFor();
    await row(page).getByRole('textbox').fill('yesterday');
    await row(page).getByRole('button', { name: 'Set' }).click();
    await confirm(page, 'Set');
    await page.getByText('Give "earliest", a time such as').waitFor();
    await row(page).getByRole('textbox').fill('2026-01-31T12:00:00Z');
    await row(page).getByRole('button', { name: 'Set' }).click();
    await confirm(page, 'Set');
    await row(page).getByText('2026-01-31T12:00:00.000Z').waitFor();
    expect(await stage.store.load(key)).to.deep.equal(new Date('2026-01-31T12:00:00Z'));
  });

  it('only shows, unless it was told otherwise', async () => {
    const { page, stage } = await open();
    stage.accounts(() => Promise.reject(new Error('the CRM said 500')));
    stage.emulator.org.create('Account', { Name: 'a' });
    while ((await stage.deadLetters.depth()) < 1) await new Promise((resolve) => setImmediate(resolve));
    await tab(page, 'Dead letters');
    await page.getByText('the CRM said 500').waitFor();
    for (const button of await page
      .getByRole('main')
      .or(page.getByRole('tabpanel'))
      .getByRole('button', { name: /Redrive|Discard/ })
      .all()) {
      expect(await button.isDisabled()).to.equal(true);
    }
    await page.getByText('This page only shows.').waitFor();
  });

  it('lets somebody in by the token in the URL, and nobody else', async () => {
    const { page, stage } = await open({ token: 'sixteen-characters' });
    await page.getByText('This page needs its token').waitFor();
    await page.goto(`${stage.page.url}/login?token=sixteen-characters`);
    await page.getByText('Nobody has subscribed to anything yet.').waitFor();
    expect(new URL(page.url()).search).to.equal('');
    expect(await page.evaluate<string>('document.cookie')).to.equal('');
  });

  it('can be used by keyboard, and names what it shows for readers', async () => {
    const { page, stage } = await open();
    stage.accounts(() => Promise.resolve());
    await page.getByRole('table', { name: 'Subscriptions, those that read nothing first, then the latest' }).waitFor();
    await page.getByRole('heading', { level: 1, name: 'rxforce' }).waitFor();
    expect(await page.getByRole('tab').allInnerTexts()).to.deep.equal([
      'Subscriptions',
      'Events',
      'Dead letters',
      'Positions',
      'Snapshot',
      'What happened',
    ]);
    await page.keyboard.press('Tab');
    for (const name of ['Events', 'Dead letters', 'Positions', 'Snapshot', 'What happened', 'Subscriptions']) {
      await page.keyboard.press('ArrowRight');
      await page.getByRole('tab', { name, selected: true }).waitFor();
      await page.getByRole('tabpanel', { name }).waitFor();
      const unnamed = await page.evaluate<number>(UNNAMED);
      expect(unnamed, name).to.equal(0);
    }
    expect(await page.evaluate<string>('document.activeElement.id')).to.equal('tab-subscriptions');
  });

  it('shows 100 subscriptions, also as cards that fit into 375 pixels', async () => {
    const { page, complaints, stage } = await open({}, { width: 375 });
    stage.many(100);
    await page.locator('tbody tr').nth(99).waitFor();
    expect(await page.locator('tbody tr').count()).to.equal(100);
    const scroll = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect(scroll).to.equal(375);
    expect(await styleOf(row(page, 'LeadChangeEvent').first(), 'display')).to.equal('block');
    expect(complaints).to.deep.equal([]);
  });

  it('asks for nothing while its tab is hidden, and for all when it is seen again', async () => {
    const { page, stage } = await open();
    stage.accounts(() => Promise.resolve());
    await row(page).waitFor();
    const hide = (isHidden: boolean) =>
      page.evaluate((hidden) => {
        const { document } = globalThis as unknown as { document: EventTarget };
        Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
        document.dispatchEvent(new Event('visibilitychange'));
      }, isHidden);
    await hide(true);
    const other = await look(stage.page.url);
    stage.many(1);
    await row(other.page, 'LeadChangeEvent').waitFor();
    expect(await row(page, 'LeadChangeEvent').count()).to.equal(0);
    expect(await page.locator('.banner').count()).to.equal(0);
    await hide(false);
    await row(page, 'LeadChangeEvent').waitFor();
  });

  it('is dark where the reader wants it dark', async () => {
    const { page } = await open({}, { dark: true });
    await page.getByText('Nobody has subscribed to anything yet.').waitFor();
    const ground = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    expect(ground).to.equal('rgb(20, 23, 26)');
  });
});
