import { TestBrowser, type Look, type OpenPage } from '../../../../test/support/browser.js';
import type { LivePageOptions } from '../../src/index.js';
import { Stage } from './stage.js';

/** Gives a suite a browser, and each of its tests the stages that it opens: they are closed after it. */
export function stagesInBrowser() {
  let browser: TestBrowser;
  const stages: Stage[] = [];
  before(async () => (browser = await TestBrowser.open()));
  after(() => browser.close());
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.close();
  });
  const look = (url: string, how?: Look): Promise<OpenPage> => browser.look(url, how);
  /** Opens a stage, and looks at its page. */
  const open = async (options: LivePageOptions = {}, how?: Look) => {
    const stage = await Stage.open(options);
    stages.push(stage);
    return { stage, ...(await look(stage.page.url, how)) };
  };
  return { open, look };
}
