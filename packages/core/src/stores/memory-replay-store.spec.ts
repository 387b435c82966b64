import { replayStoreContract } from '../testing/replay-store-contract.js';
import { memoryReplayStore } from './memory-replay-store.js';

describe('memoryReplayStore', () => {
  for (const { name, run } of replayStoreContract({ open: memoryReplayStore })) it(name, run);
});
