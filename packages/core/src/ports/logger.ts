export type { LogFields, Logger, LogLevel } from '../model/logger.js';
