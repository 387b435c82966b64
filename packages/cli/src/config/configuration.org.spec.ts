import { expect } from 'chai';
import { LOGIN } from '../../test/support/configurations.js';
import { parseConfiguration } from './configuration.js';
import type { Environment } from './interpolate.js';
import { lineOf } from './place.js';

const UNFINISHED = `
topics: []
processing: { nonsense: 1 }
redis: { url: "\${REDIS_URL}", log: {} }
sinks: { hook: { type: webhook, url: "\${HOOK_URL}", secret: keep-this-secret }, crm: { type: postgres } }
`;

const parse = (text: string, environment: Environment = {}) =>
  parseConfiguration(text, { file: 'config.yaml', environment, isForOrg: true });
const problems = (text: string, environment: Environment = {}) => {
  const parsed = parse(text, environment);
  return parsed.err ? parsed.val.map(lineOf) : [];
};

describe('parseConfiguration, for a command that needs an org alone', () => {
  it('takes a file whose other settings are not right yet, or have no variables', () => {
    const { configuration, secrets } = parse(`${LOGIN}\npubsub: { port: 7443 }${UNFINISHED}`).unwrap();
    expect(configuration.salesforce).to.include({ client_id: 'app' });
    expect(configuration.pubsub).to.include({ port: 7443 });
    expect(configuration.sinks).to.deep.equal({});
    expect(secrets).to.include('s3cret-of-the-app').and.include('keep-this-secret');
  });

  it('takes the login of the environment, and several orgs', () => {
    const environment = {
      ...{ SALESFORCE_CLIENT_ID: 'app', SALESFORCE_CLIENT_SECRET: 'secret', RXFORCE_PROCESSING__MAX_RETRIES: 'x' },
    };
    expect(parse(UNFINISHED, environment).unwrap().configuration.salesforce).to.include({ client_id: 'app' });
    const org = LOGIN.replace('salesforce: ', '');
    const { configuration } = parse(`orgs: { emea: ${org}, amer: ${org} }${UNFINISHED}`).unwrap();
    expect(Object.keys(configuration.orgs ?? {})).to.deep.equal(['emea', 'amer']);
  });

  it('says what is wrong with the org', () => {
    expect(problems(`${LOGIN}\npubsub: { prot: 1 }${UNFINISHED}`)).to.deep.equal([
      'config.yaml:2:11 pubsub.prot: there is no such setting. Did you mean port?',
    ]);
    expect(problems('salesforce: { client_id: "${APP}" }').join()).to.include('APP');
    expect(problems('- no settings')).to.have.length.above(0);
  });

  it('says all that is wrong, when there is no org', () => {
    expect(problems(UNFINISHED).join()).to.include('processing.nonsense');
  });
});
