import { secret, text } from './values.js';

/** How to reach NATS, for a sink and for positions. */
export const natsServer = {
  url: secret().describe('The servers, with commas between: `nats://user:password@host:4222`, or `tls://…`.'),
  credentials_path: text().optional().describe('The file of credentials (`.creds`), for users with a JWT.'),
} as const;
