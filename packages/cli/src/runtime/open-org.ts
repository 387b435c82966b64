import { readFileSync } from 'node:fs';
import {
  clientCredentials,
  createClient,
  jwtBearer,
  staticSession,
  usernamePassword,
  type ClientOptions,
  type LogLevel,
  type PubSubClient,
  type SessionProvider,
} from '@rxforce/core';
import { ConfigurationError, type Logger } from '@rxforce/core/model';
import { loginOf, type Login } from '../config/login-choice.js';
import { settingsLogger } from '../config/setting-words.js';
import type { Configuration } from '../config/settings/settings.js';
import { orgLogin } from './org-login.js';
import { hasNoOrg, noOrg, orgSettingsOf, type OrgSettings } from './org-names.js';

/** An org that events come from. */
export interface OpenOrg {
  readonly client: PubSubClient;
  readonly login: Login;
  /** `host:port` of the Pub/Sub API. */
  readonly endpoint: string;
  /**
   * The org's URL, as the first login said: what CloudEvents name as their source. It logs in where nobody has, as a
   * worker or `dlq redrive` may have read no stream. The login URL would be no answer: it is another one, and often
   * that of all orgs, so the same event would have two sources, and readers would take it for two.
   */
  readonly source: () => Promise<string>;
  /** The org's id of 15 characters. It logs in where nobody has. */
  readonly organizationId: () => Promise<string>;
}

/** Where lines of the client go. */
export interface OrgLogging {
  readonly logger: Logger;
  readonly logLevel: LogLevel;
}

/**
 * Makes a client as a configuration says. Nothing is connected yet.
 *
 * @param name - The name of the org, where there are several.
 * @throws `ConfigurationError` when a setting cannot be right, or there is no such org.
 */
export function openOrg(configuration: Configuration, logging: OrgLogging, name?: string): OpenOrg {
  const salesforce = orgSettingsOf(configuration, name);
  const { host = configuration.pubsub.host, port = configuration.pubsub.port } = salesforce.pubsub ?? {};
  const pubsub = { ...configuration.pubsub, host, port };
  const ca = salesforce.ca_file === undefined ? undefined : readCa(salesforce.ca_file);
  const login = loginOf(salesforce) ?? 'session';
  const provider = providerOf(login, salesforce, ca);
  const { proxy } = pubsub;
  const { auth, facts } = orgLogin(() => provider.open(proxy === undefined ? undefined : { proxy }));
  const endpoint = `${pubsub.host}:${pubsub.port}`;
  const client = createClient({ auth, endpoint, ...channelOf(pubsub, ca), ...clientLog(logging) });
  const organizationId = async () => (await facts()).organizationId.slice(0, 15);
  const source = async () => (await facts()).instanceUrl;
  return { client, login, endpoint, source, organizationId };
}

/**
 * The same for sinks and pipelines. Without an org in the configuration, it is an error only once they ask it for
 * something.
 */
export function openOrgIfThere(configuration: Configuration, logging: OrgLogging, name?: string): OpenOrg {
  if (!hasNoOrg(configuration)) return openOrg(configuration, logging, name);
  const nothing = () => Promise.reject(noOrg());
  const auth: SessionProvider = { open: nothing };
  const endpoint = `${configuration.pubsub.host}:${configuration.pubsub.port}`;
  const client = createClient({ auth, endpoint, ...channelOf(configuration.pubsub, undefined), ...clientLog(logging) });
  return { client, login: 'session', endpoint, source: nothing, organizationId: nothing };
}

function clientLog({ logger, logLevel }: OrgLogging): OrgLogging {
  return { logger: settingsLogger(logger), logLevel };
}

function channelOf(pubsub: Configuration['pubsub'], ca: string | undefined): Partial<ClientOptions> {
  const { insecure, proxy, max_receive_message_length: most } = pubsub;
  const { keepalive_time_ms: time, keepalive_timeout_ms: timeout } = pubsub;
  return {
    ...(insecure === false ? ca !== undefined && { tls: { ca } } : { insecure }),
    ...(proxy !== undefined && { proxy }),
    channelOptions: {
      ...(most !== undefined && { 'grpc.max_receive_message_length': most }),
      ...(time !== undefined && { 'grpc.keepalive_time_ms': time }),
      ...(timeout !== undefined && { 'grpc.keepalive_timeout_ms': timeout }),
    },
  };
}

function providerOf(login: Login, given: OrgSettings, ca: string | undefined): SessionProvider {
  const { login_url: loginUrl, client_id: clientId = '', username = '' } = given;
  switch (login) {
    case 'jwt':
      return jwtBearer({
        ...{ loginUrl, clientId, username, ca },
        privateKey: given.private_key,
        privateKeyPath: given.private_key_path,
        privateKeyPassphrase: given.private_key_passphrase,
      });
    case 'client_credentials':
      return clientCredentials({ loginUrl, clientId, clientSecret: given.client_secret ?? '', ca });
    case 'password':
      return usernamePassword({
        ...{ loginUrl, username, ca },
        password: given.password ?? '',
        securityToken: given.security_token,
      });
    case 'session':
      return staticSession({ accessToken: given.access_token ?? '', instanceUrl: given.instance_url ?? '' });
  }
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new ConfigurationError(`salesforce.ca_file ${path} cannot be read (${code}).`, { cause });
  }
}
