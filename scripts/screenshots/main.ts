// Takes the pictures of the pages for docs/images. Run it at the root: npm run screenshots.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestBrowser, type Look } from '../../test/support/browser.js';
import { topText } from '../../packages/cli/src/runtime/top-text.js';
import { terminalPage } from './terminal-page.js';
import { openStage } from './stage.js';

const FOLDER = join(process.cwd(), 'docs/images');
const WIDE = { width: 1150, height: 540 };

mkdirSync(FOLDER, { recursive: true });
const stage = await openStage();
const browser = await TestBrowser.open();

/** Takes a picture once the text is there. */
async function picture(name: string, url: string, look: Look, text: string): Promise<void> {
  const { page } = await browser.look(url, look);
  await page.getByText(text).first().waitFor();
  writeFileSync(join(FOLDER, `${name}.png`), await page.screenshot());
  await page.close();
}

try {
  const { page, emulator } = stage;
  await stage.isBusy();
  await picture('live-page', `${page.url}/`, WIDE, 'waiting');
  await picture('live-page-dark', `${page.url}/`, { ...WIDE, dark: true }, 'waiting');
  await picture('live-page-narrow', `${page.url}/`, { width: 375, height: 720 }, 'waiting');
  await picture('live-page-letters', `${page.url}/#dead-letters`, WIDE, 'the CRM answered 422');
  const uiUrl = emulator.uiUrl ?? '';
  await picture('emulator-page', `${uiUrl}/#faults`, WIDE, 'dropStreams');
  const reading = await stage.waiting();
  const terminal = await terminalPage(topText(reading, { hasColor: true, width: 140 }));
  try {
    await picture('rxforce-top', terminal.url, { width: 1150, height: terminal.height, dark: true }, 'TOPIC');
  } finally {
    await terminal.close();
  }
} finally {
  await browser.close();
  await stage.close();
}
