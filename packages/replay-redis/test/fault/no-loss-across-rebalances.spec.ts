import { noLossAcrossRebalances } from '../../../../test/support/workers/no-loss-across-rebalances.js';
import { redisEngine } from './support/redis-engine.js';

noLossAcrossRebalances(redisEngine, 3);
