import { replayStoreContract } from '@rxforce/core/testing';
import { deadLetterQueueContract } from '@rxforce/dead-letters/testing';
import { sqlDeadLetterQueue, sqlReplayStore } from '../../src/index.js';
import { postgresEngine, sqliteEngine } from '../support/engines.js';

for (const engine of [postgresEngine(), sqliteEngine()]) {
  describe(`With ${engine.name}`, () => {
    before(() => engine.start());
    beforeEach(() => engine.clear());
    after(() => engine.stop());

    describe('a sqlReplayStore', () => {
      const stores: ReturnType<typeof sqlReplayStore>[] = [];
      const open = () => {
        const store = sqlReplayStore(engine.open());
        stores.push(store);
        return store;
      };
      const dispose = async () => {
        await Promise.all(stores.splice(0).map((store) => store.close()));
      };
      for (const { name, run } of replayStoreContract({ open, reopen: open, dispose })) it(name, run);
    });

    describe('a sqlDeadLetterQueue', () => {
      const queues: ReturnType<typeof sqlDeadLetterQueue>[] = [];
      const open = () => {
        const queue = sqlDeadLetterQueue(engine.open());
        queues.push(queue);
        return queue;
      };
      const dispose = async () => {
        await Promise.all(queues.splice(0).map((queue) => queue.close()));
      };
      for (const { name, run } of deadLetterQueueContract({ open, reopen: open, dispose })) it(name, run);
    });
  });
}
