import { orderIsKeptAcrossWorkers } from '../../../../test/support/workers/order-is-kept.js';
import { jetStreamEngine } from './support/jet-stream-engine.js';

orderIsKeptAcrossWorkers(jetStreamEngine, 2);
