import { z } from 'zod';
import { flag, milliseconds, port, secret, text, whole, word } from './values.js';

/** The ways to log in. */
export const LOGINS = ['jwt', 'client_credentials', 'password', 'session'] as const;

/** `salesforce`: which org, and how to log in. */
export const salesforceSettings = z.strictObject({
  login: word(...LOGINS)
    .optional()
    .describe(
      'How to log in. Without it: `session` with an access token, else `jwt` with a key, else `client_credentials` with a secret, else `password`.',
    ),
  login_url: text()
    .default('https://login.salesforce.com')
    .describe("Where to log in: your org's My Domain, or https://test.salesforce.com for a sandbox."),
  username: text().optional().describe('The user, for `jwt` and `password`.'),
  password: secret().optional().describe('The password, for `password`, with the security token after it.'),
  security_token: secret().optional().describe("The user's security token, where it is not part of the password."),
  client_id: text().optional().describe('The consumer key of the app, for `jwt` and `client_credentials`.'),
  client_secret: secret().optional().describe('The consumer secret of the app, for `client_credentials`.'),
  private_key_path: text().optional().describe('The file of the private key (PEM), for `jwt`.'),
  private_key: secret().optional().describe('The private key itself (PEM), for `jwt`.'),
  private_key_passphrase: secret().optional().describe('What the private key is encrypted with.'),
  access_token: secret().optional().describe('The token of a session that is open, for `session`.'),
  instance_url: text().optional().describe("The org's URL, for `session`."),
  ca_file: text()
    .optional()
    .describe('Certificate authorities to trust, in PEM, for the login and for the Pub/Sub API.'),
});

/** `pubsub`: how to reach the Pub/Sub API. */
export const pubsubSettings = z.strictObject({
  host: text().default('api.pubsub.salesforce.com').describe('The host of the Pub/Sub API.'),
  port: port().default(7443).describe('Its port: 7443, or 443 where a firewall passes only that.'),
  insecure: z
    .union([flag(), z.literal('plaintext-over-the-network')])
    .default(false)
    .describe(
      'Plaintext instead of TLS: `true` for an emulator on this machine, `plaintext-over-the-network` for another one.',
    ),
  max_receive_message_length: whole(65_536)
    .optional()
    .describe('Longest response, in bytes. One has up to 100 events, so there is a warning below 4194304.'),
  keepalive_time_ms: milliseconds(1).optional().describe('Time between pings of the connection, in milliseconds.'),
  keepalive_timeout_ms: milliseconds(1).optional().describe('Longest wait for the answer to a ping, in milliseconds.'),
  proxy: secret().optional().describe('The proxy for streams and logins: `http://user:password@proxy.example:3128`.'),
});

/** `orgs.NAME`: one of several orgs. */
export const orgSettings = salesforceSettings.extend({
  pubsub: z
    .strictObject({
      host: text().optional().describe('The host of the Pub/Sub API for this org, where it has another one.'),
      port: port().optional().describe('Its port.'),
    })
    .optional(),
});
