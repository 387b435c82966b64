// Builds the site into site/dist, or serves it while one writes: npm run site, npm run site:dev.
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { REFERENCE, ROOT } from './pages.js';

const site = join(ROOT, 'site');
const [command = 'build'] = process.argv.slice(2);
// VitePress puts a link into the packages of the folder that it runs in.
process.chdir(site);

install();
// Loaded once they are installed.
const { writeReference } = await import('./api.js');
const { build, createServer } = await import('vitepress');
rmSync(join(ROOT, REFERENCE), { recursive: true, force: true });
await writeReference(ROOT, join(ROOT, REFERENCE));
if (command === 'dev') await serve();
else await buildAndCheck();

/** The site's tools are not installed with the project: most who work on it do without them. */
function install(): void {
  const installed = join(site, 'node_modules/.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(site, 'package-lock.json')).mtimeMs) return;
  execFileSync('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], {
    cwd: site,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function buildAndCheck(): Promise<void> {
  await build(site);
  const { deadLinksIn } = await import('./dead-links.js');
  const dead = deadLinksIn(join(site, 'dist'), process.env.SITE_BASE);
  for (const link of dead) console.error(`Dead link: ${link}`);
  if (dead.length > 0) process.exitCode = 1;
}

async function serve(): Promise<void> {
  const server = await createServer(site);
  await server.listen();
  server.printUrls();
}
