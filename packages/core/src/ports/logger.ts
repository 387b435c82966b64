export type { Logger } from '../model/logger.js';
