import { startEmulator, type Emulator } from '@rxforce/emulator';
import { every, parameters, tellParent } from './process.js';
import type { SoakOptions } from './options.js';

/*
 * The org: it changes records, and does to its clients what a real one does within months. It is a process of its own:
 * its log and the schemas it has ever had are none of the client's memory.
 */

/** As long as events are kept here, in milliseconds: the log of this process would grow for 72 hours. */
const RETENTION_MS = 120_000;
/** More schemas than a client keeps of those that are not in use. */
const FIRST_SCHEMAS = 60;

/** Objects whose definition changes: each has its schema switched once or twice, and gives way to the next one. */
class ChangingObjects {
  private made = 0;
  private name = '';

  constructor(private readonly org: Emulator) {}

  /** Makes another schema, and an event of it. Objects do not get wider and wider: their schemas stay of a size. */
  change(): void {
    if (this.made++ % 3 === 0) this.make();
    else this.org.faults.switchSchema(this.name);
    this.org.org.create(this.name, { Name: `n${this.made}` });
  }

  private make(): void {
    this.name = `Soak_${this.made}__c`;
    const fields = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`Field_${index}__c`, 'Text' as const]));
    this.org.org.createObject(this.name, { fields });
  }
}

const { eventsPerSecond } = parameters<SoakOptions>();
const emulator = await startEmulator({ retentionMs: RETENTION_MS, keepaliveMs: 5_000 });
const objects = new ChangingObjects(emulator);
for (let count = 0; count < FIRST_SCHEMAS; count++) objects.change();

emulator.startLoad({ eventsPerSecond, entities: ['Account', 'Contact', 'Lead', 'Opportunity'] });
every(10_000, () => objects.change());
every(7_000, () => emulator.faults.corruptPayload({ topic: '/data/AccountChangeEvent' }));
every(20_000, () => emulator.faults.dropStreams());
every(31_000, () => emulator.faults.endStreams());
every(60_000, () => emulator.faults.goAway());
every(90_000, () => emulator.faults.expireSessions({ cutExpired: true }));
every(180_000, () => void emulator.faults.restartServer({ downMs: 500 }));
every(240_000, () => emulator.faults.silence({ forMs: 2_000 }));
const { grpcEndpoint, httpUrl, ca, credentials } = emulator;
tellParent({ grpcEndpoint, httpUrl, ca, credentials });
