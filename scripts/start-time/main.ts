/**
 * How long `rxforce --help` takes, and Node itself: `npx tsx scripts/start-time/main.ts`, after `npm run build`. The
 * command is to be below 150 ms.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const RUNS = 15;
const COMMAND = fileURLToPath(new URL('../../packages/cli/dist/bin.js', import.meta.url));

function medianOf(args: readonly string[]): number {
  const times = Array.from({ length: RUNS }, () => {
    const start = performance.now();
    const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
    if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${String(status)}`);
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? NaN;
}

const [node, help] = [medianOf(['-e', '0']), medianOf(['--', COMMAND, '--help'])];
console.log(`node alone: ${node.toFixed(0)} ms; rxforce --help: ${help.toFixed(0)} ms (median of ${RUNS})`);
