/**
 * Runs an application for an hour beside an org that drops streams, expires sessions, restarts and changes its schemas,
 * and prints how the application's heap goes. See docs/guides/soak.md.
 *
 * @packageDocumentation
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientParameters, OrgAddress } from './client-process.js';
import { parseSoakOptions, USAGE, type SoakOptions } from './options.js';
import { ending, nextMessage, startProcess, stopProcess } from './process.js';
import { HEADER, rowOf, sentenceOf, trendOf, type Sample, type Trend } from './trend.js';

/** Longest time between two samples. A short soak has some more. */
const SAMPLE_MS = 60_000;
const LEAST_SAMPLES = 12;

async function soak(options: SoakOptions): Promise<Trend> {
  const durationMs = options.minutes * 60_000;
  const sampleMs = Math.min(SAMPLE_MS, Math.ceil(durationMs / LEAST_SAMPLES));
  const directory = mkdtempSync(join(tmpdir(), 'rxforce-soak-'));
  const emulator = startProcess('emulator-process.ts', options);
  const emulatorEnds = ending(emulator);
  // At the end of the soak nobody waits for it.
  emulatorEnds.catch(() => undefined);
  try {
    const org = await nextMessage<OrgAddress>(emulator);
    const client = startProcess('client-process.ts', { ...org, sampleMs, directory } satisfies ClientParameters, [
      '--expose-gc',
    ]);
    try {
      const samples: Sample[] = [];
      console.log(HEADER);
      for (const until = performance.now() + durationMs; performance.now() < until;) {
        const sample = await Promise.race([nextMessage<Sample>(client), emulatorEnds]);
        if (sample.events <= (samples.at(-1)?.events ?? 0)) {
          throw new Error('No event was handled since the last sample.');
        }
        samples.push(sample);
        console.log(rowOf(sample));
      }
      return trendOf(samples);
    } finally {
      await stopProcess(client);
    }
  } finally {
    await stopProcess(emulator);
    rmSync(directory, { recursive: true, force: true });
  }
}

function optionsOrExit(): SoakOptions {
  try {
    return parseSoakOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

const trend = await soak(optionsOrExit());
console.log(`\n${sentenceOf(trend)}`);
process.exitCode = trend.verdict === 'grows' ? 1 : 0;
