import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { RedisServer, startRedis } from '../../../replay-redis/test/support/redis-server.js';
import { status, WebhookServer } from '../support/webhook-server.js';
import { Workplace } from '../support/workplace.js';
