import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { lastValueFrom, pipe, type OperatorFunction } from 'rxjs';
import { fileReplayStore, type ChangeEvent, type EventStream } from '@rxforce/core';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { fileDeadLetterQueue, redrive } from '@rxforce/dead-letters';
import { batchBy, byChangeType, retryWithDLQ } from '@rxforce/operators';
import { clientOf } from '../../../core/test/support/emulated.js';
import { seeded, suiteSeed, type Seeded } from '../../../core/test/fault/support/seeded.js';

interface Lead {
  readonly Company: string;
}

type LeadEvent = ChangeEvent<Lead>;

const LEADS = 10_000;
const TOPIC = '/data/LeadChangeEvent';

/** A system that changes are written to: it fails now and then, and never takes what is poison to it. */
class Crm {
  /** How often each lead was taken. */
  readonly taken = new Map<string, number>();
  cured = false;

  constructor(
    private readonly random: Seeded,
    private readonly failures: number,
  ) {}

  async upsert(leads: readonly LeadEvent[]): Promise<string[]> {
    await new Promise(setImmediate);
    if (this.random.next() < this.failures) throw new Error('503: try again');
    const poison = leads.find((lead) => isPoison(lead));
    if (poison && !this.cured) throw new Error(`${poison.data.Company} is not valid`);
    for (const { id } of leads) this.taken.set(id, (this.taken.get(id) ?? 0) + 1);
    return leads.map(({ id }) => id);
  }
}

function isPoison({ data }: LeadEvent): boolean {
  return Number(data.Company?.split(' ')[1]) % 100 === 99;
}

const delays = { type: 'exponential', initialMs: 1, maxMs: 4 } as const;

describe('every event is handled or put aside', function () {
  this.timeout(600_000);
  let emulator: Emulator;
  let folder: string;
  const seed = suiteSeed(20_261_125);

  beforeEach(async () => {
    emulator = await startEmulator({ seed: 1 });
    folder = await mkdtemp(join(tmpdir(), 'rxforce-aside-'));
  });

  afterEach(async () => {
    await emulator.stop();
    await rm(folder, { recursive: true });
  });

  const pipelines: Readonly<Record<string, (crm: Crm) => OperatorFunction<LeadEvent, unknown>>> = {
    'one by one': (crm) =>
      retryWithDLQ((lead: LeadEvent) => crm.upsert([lead]), {
        maxRetries: 2,
        delays,
        concurrency: 16,
        deadLetters: fileDeadLetterQueue(join(folder, 'failed')),
      }),
    'in batches larger than the window, which are split': (crm) =>
      pipe(
        batchBy<LeadEvent>(500, 10_000),
        retryWithDLQ((leads) => crm.upsert(leads), {
          maxRetries: 2,
          delays,
          splitBatches: true,
          deadLetters: fileDeadLetterQueue(join(folder, 'failed')),
        }),
      ),
  };

  for (const [how, pipeline] of Object.entries(pipelines)) {
    it(`of ${LEADS} leads, 1 % of them poison, ${how}, while work and streams fail; redrive empties the queue`, async () => {
      const random = seeded(seed);
      const crm = new Crm(random, 0.05);
      makeLeads(emulator, random);
      const log = emulator.log(TOPIC).map(({ id }) => id);
      const client = clientOf(emulator, { logger: { warn: () => undefined } });
      const replay = { store: fileReplayStore(join(folder, 'replay')), from: 'earliest' } as const;
      const changes$: EventStream<LeadEvent> = client.changes<Lead>('Lead', { replay });
      const queue = fileDeadLetterQueue(join(folder, 'failed'));
      const breaking = setInterval(() => emulator.faults.dropStreams(), 150);
      const errors: unknown[] = [];
      const subscription = changes$
        .pipe(byChangeType('CREATE'), pipeline(crm))
        .subscribe({ error: (error: unknown) => errors.push(error) });
      while (errors.length === 0 && crm.taken.size + (await queue.depth()) < LEADS) await setTimeout(20);
      clearInterval(breaking);
      const report = await client.drain();
      subscription.unsubscribe();

      expect(errors).to.deep.equal([]);
      expect(report).to.include({ unsettled: 0, uncommitted: 0 });
      const aside: LeadEvent[] = [];
      for await (const letter of queue.list()) aside.push(letter.unwrap().value as LeadEvent);
      const asideIds = aside.map(({ id }) => id);
      expect([...crm.taken.keys(), ...asideIds].sort()).to.deep.equal([...log].sort());
      expect(Math.max(...crm.taken.values()), 'nothing is handled twice while a process lives').to.equal(1);
      expect(aside.filter(isPoison)).to.have.length(LEADS / 100);

      crm.cured = true;
      const rules = { maxRetries: 20, delays, concurrency: 8, skipIf: ({ id }: LeadEvent) => crm.taken.has(id) };
      const again = redrive(queue, (lead: LeadEvent) => crm.upsert([lead]), rules);
      await lastValueFrom(again);
      expect(await queue.depth()).to.equal(0);
      expect([...crm.taken.keys()].sort()).to.deep.equal([...log].sort());
    });
  }
});

/** In transactions of any size, so that some events are merged where that is possible, and most are not. */
function makeLeads({ org }: Emulator, random: Seeded): void {
  for (let made = 0; made < LEADS;) {
    const count = Math.min(LEADS - made, 1 + random.below(50));
    org.transaction((tx) => {
      for (let index = 0; index < count; index++) {
        tx.create('Lead', { Name: { LastName: `lead ${made + index}` }, Company: `Company ${made + index}` });
      }
    });
    made += count;
  }
}
