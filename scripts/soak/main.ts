/**
 * Runs an application for an hour beside an org that drops streams, expires sessions, restarts and changes its schemas, and
 * prints how the application's heap goes. See docs/guides/soak.md.
 *
 * @packageDocumentation
 */
import type { ClientParameters, OrgAddress } from './client-process.js';
import { parseSoakOptions, USAGE, type SoakOptions } from './options.js';
import { nextMessage, startProcess, stopProcess } from './process.js';
import { HEADER, rowOf, sentenceOf, trendOf, type Sample, type Trend } from './trend.js';

/** Longest time between two samples. A short soak has some more. */
const SAMPLE_MS = 60_000;
const LEAST_SAMPLES = 12;

async function soak(options: SoakOptions): Promise<Trend> {
  const durationMs = options.minutes * 60_000;
  const sampleMs = Math.min(SAMPLE_MS, Math.ceil(durationMs / LEAST_SAMPLES));
  const emulator = startProcess('emulator-process.ts', options);
  try {
    const org = await nextMessage<OrgAddress>(emulator);
    const client = startProcess('client-process.ts', { ...org, sampleMs } satisfies ClientParameters, ['--expose-gc']);
    try {
      const samples: Sample[] = [];
      console.log(HEADER);
      for (const until = performance.now() + durationMs; performance.now() < until;) {
        const sample = await nextMessage<Sample>(client);
        samples.push(sample);
        console.log(rowOf(sample));
      }
      return trendOf(samples);
    } finally {
      await stopProcess(client);
    }
  } finally {
    await stopProcess(emulator);
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
