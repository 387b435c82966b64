/** The topic of accounts. */
export const TOPIC = '/data/AccountChangeEvent';

/** The prefix of error codes. */
export const PREFIX = 'sfdc.platform.eventbus.grpc.';
