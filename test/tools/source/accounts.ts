import { createClient, jwtBearer, memoryReplayStore, usernamePassword, webServerFlow } from '@rxforce/core';
import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { batchBy, byChangeType, filterField, limit, retryWithDLQ } from '@rxforce/operators';
import { concatMap } from '@rxforce/operators/rxjs';
import { redisReplayStore } from '@rxforce/replay-redis';
import { Redis } from 'ioredis';
import { readFileSync } from 'node:fs';
import { lastValueFrom } from 'rxjs';

/** Where the org is, and who logs in: variables, as `rxforce-emulator --write-env` writes them. */
export type Org = Readonly<Record<string, string | undefined>>;

interface Account {
  readonly Name: string | null;
  readonly AnnualRevenue: number | null;
}

/** What every tool has to run: each login, which loads libraries of its own, and a pipeline. */
export async function readAccounts(org: Org): Promise<string> {
  const of = (name: string) => org[name] ?? '';
  const loginUrl = of('RXFORCE_LOGIN_URL');
  const [clientId, username] = [of('RXFORCE_CLIENT_ID'), of('RXFORCE_USERNAME')];
  const service = { endpoint: of('RXFORCE_ENDPOINT'), tls: { ca: readFileSync(of('RXFORCE_CA_FILE')) } };

  const { url } = await webServerFlow({ loginUrl, clientId, redirectUri: loginUrl }).authorizationUrl();

  const [password, securityToken] = [of('SF_PASSWORD'), of('SF_SECURITY_TOKEN')];
  const reader = createClient({ auth: usernamePassword({ loginUrl, username, password, securityToken }), ...service });
  const { topic } = await lastValueFrom(reader.topic('Account'));
  await reader.close();

  // It is not connected to. It shows that a Redis client can be in a bundle.
  const redis = new Redis({ lazyConnect: true });
  const store = [redisReplayStore(redis), memoryReplayStore()][1];

  const privateKey = readFileSync(of('RXFORCE_PRIVATE_KEY_FILE'), 'utf8');
  const client = createClient({ auth: jwtBearer({ loginUrl, clientId, username, privateKey }), ...service });
  const names = await lastValueFrom(
    client.changes<Account>('Account', { replay: { store, name: 'tools', from: 'earliest' } }).pipe(
      byChangeType('CREATE'),
      filterField('AnnualRevenue', 'greaterThan', 1_000),
      batchBy(2, 60_000),
      retryWithDLQ(async (accounts) => accounts.map(({ data }) => data.Name).join(), {
        maxRetries: 1,
        deadLetters: memoryDeadLetterQueue(),
      }),
      concatMap(async (result) => result.unwrap()),
      limit(1),
    ),
  );
  await client.drain();
  redis.disconnect();
  return `read ${names} of ${topic} (${new URL(url).searchParams.get('response_type') ?? ''})`;
}
