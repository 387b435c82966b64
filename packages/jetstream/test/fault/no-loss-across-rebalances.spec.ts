import { noLossAcrossRebalances } from '../../../../test/support/workers/no-loss-across-rebalances.js';
import { jetStreamEngine } from './support/jet-stream-engine.js';

noLossAcrossRebalances(jetStreamEngine, 2);
