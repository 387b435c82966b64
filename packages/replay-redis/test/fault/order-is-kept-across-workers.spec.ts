import { orderIsKeptAcrossWorkers } from '../../../../test/support/workers/order-is-kept.js';
import { redisEngine } from './support/redis-engine.js';

orderIsKeptAcrossWorkers(redisEngine, 4);
