// Simulates a group of workers that share a log, and prints what sharing out costs and how long partitions wait. Run it
// at the root: npm run simulate -- --partitions 1000 --workers 200 --ttl-ms 10000.
import { parseArgs } from 'node:util';
import { Simulation, type Phase } from './simulation.js';

const { values } = parseArgs({
  options: {
    partitions: { type: 'string', default: '1000' },
    workers: { type: 'string', default: '200' },
    'ttl-ms': { type: 'string', default: '10000' },
  },
});
const options = {
  partitions: Number(values.partitions),
  workers: Number(values.workers),
  ttlMs: Number(values['ttl-ms']),
};
const { partitions, workers, ttlMs } = options;
console.log(`${partitions} partitions, ${workers} workers, leases of ${ttlMs / 1000} s; one topic, in virtual time`);
console.log(
  `${'what happens'.padEnd(44)} ${['settled', 'unread', 'moved', 'share', 'acquire/s', 'renew/s', 'look/s']
    .map((each) => each.padStart(9))
    .join(' ')}`,
);
const simulation = new Simulation(options);
print(await simulation.start());
print(await simulation.quiet());
print(await simulation.comes());
print(await simulation.die(Math.max(1, Math.floor(workers / 20))));
print(await simulation.replace(Math.max(1, Math.floor(workers / 10))));
simulation.close();
console.log('settled: until all partitions are read and shared out evenly. unread: the longest time without a reader.');

function print({ what, tookMs, longestWithoutMs, moved, shares: [least, most], calls }: Phase): void {
  const cells = [
    `${(tookMs / 1000).toFixed(1)} s`,
    `${(longestWithoutMs / 1000).toFixed(1)} s`,
    String(moved),
    least === most ? String(most) : `${least}–${most}`,
    calls.acquire.toFixed(0),
    calls.renew.toFixed(0),
    calls.look.toFixed(0),
  ];
  console.log(`${what.padEnd(44)} ${cells.map((each) => each.padStart(9)).join(' ')}`);
}
