import { parseConfiguration } from '../../src/config/configuration.js';
import type { Environment } from '../../src/config/interpolate.js';
import { lineOf } from '../../src/config/place.js';

/** A login, as a line of a file. */
export const LOGIN =
  'salesforce: { client_id: app, client_secret: s3cret-of-the-app, login_url: https://acme.my.salesforce.com }';
export const TOPICS = 'topics: [Account]';

/** What a text says, as a file `config.yaml`. */
export const load = (text: string, environment: Environment = {}) => {
  const loaded = parseConfiguration(text, { file: 'config.yaml', environment });
  if (loaded.err) throw new Error(loaded.val.map(lineOf).join('\n'));
  return loaded.val;
};

/** The lines of its problems. */
export const problemsOf = (text: string, environment: Environment = {}) => {
  const loaded = parseConfiguration(text, { file: 'config.yaml', environment });
  return loaded.err ? loaded.val.map(lineOf) : [];
};
