import { expect } from 'chai';
import fc from 'fast-check';
import { z } from 'zod';
import { jsonSchemaOf, plainSchema } from './json-schema.js';
import { settings } from './settings/settings.js';

const topic = fc.oneof(
  fc.constantFrom('Account', '/event/Order__e', ''),
  fc.record(
    {
      topic: fc.constantFrom('Account', 'Lead', ''),
      name: fc.constantFrom('a', 'a b', 'x.y'),
      snapshot: fc.constantFrom(true, 'true', ['Account'], [], 3),
      fields: fc.constantFrom(['Name'], [], [''], 'Name'),
      where: fc.constantFrom(
        { A: { equals: 1 } },
        { A: { in: [] } },
        { A: { greater: 1 } },
        { A: { is_null: 'true' } },
      ),
      sikn: fc.constant('x'),
    },
    { requiredKeys: ['topic'] },
  ),
);
const sink = fc.constantFrom(
  { type: 'stdout' },
  { type: 'webhook', url: 'http://a' },
  { type: 'webhook', url: 'ftp://a' },
  { type: 'webhook', url: 'http://a', batch: { size: '5' }, format: 'xml' },
  { type: 'webhook', url: 'http://a', timeout_ms: 0 },
  { type: 'nats', url: 'nats://a', subject: 'a.b' },
  { type: 'nats', url: 'nats://a', subject: 'a.>' },
  { type: 'file' },
  { type: 'sqlite', url: 'a.db', columns: 'add' },
  { type: 'redis-stream', url: 'redis://a', stream: 's', max_length: '10' },
  { type: 'redis-stream', url: 'redis://a' },
  { type: 'other' },
);
const configuration = fc.record(
  {
    salesforce: fc.constantFrom({ username: 'u' }, { login: 'jwt' }, { login: 'none' }, { password: '' }),
    topics: fc.array(topic, { maxLength: 3 }),
    http: fc.constantFrom({ port: 80 }, { port: '80' }, { port: '8x' }, { port: 65_536 }, { port: 1.5 }),
    orgs: fc.constantFrom(
      { a: { username: 'u' } },
      { a: { pubsub: { port: '1' } } },
      { 'a b': {} },
      { a: { usr: 'u' } },
    ),
    redis: fc.constantFrom(
      ...[{ url: 'redis://a' }, { url: 'redis://a', lease: 'true', log: {} }, { url: '' }, { lease: true }],
      ...[
        { url: 'redis://a', log: { partitions: 0 } },
        { url: 'redis://a', lease_ttl_ms: '5000' },
      ],
    ),
    nats: fc.constantFrom(
      ...[
        { url: 'nats://a' },
        { url: 'nats://a', lease: 'true', replicas: '3', log: {} },
        { url: '' },
        { lease: true },
      ],
      ...[
        { url: 'nats://a', replicas: 6 },
        { url: 'nats://a', prefix: 'a.b' },
        { url: 'nats://a', log: { max_bytes: '9' } },
      ],
    ),
    telemetry: fc.constantFrom(
      {},
      { otlp: '' },
      { otlp: 5 },
      { traces: 'false', headers: { a: 'b' } },
      { interval: 1 },
    ),
    sinks: fc.dictionary(fc.constantFrom('a', 'a b'), sink, { maxKeys: 2 }),
  },
  { requiredKeys: ['topics'] },
);

describe('jsonSchemaOf', () => {
  // zod reads JSON schemas, too: what it makes of ours must take what the settings take.
  const fromJson = z.fromJSONSchema(jsonSchemaOf() as Parameters<typeof z.fromJSONSchema>[0]);

  it('takes every configuration that the settings take', () => {
    fc.assert(
      fc.property(configuration, (given) => {
        if (settings.safeParse(given).success) expect(fromJson.safeParse(given).success).to.equal(true);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses what the settings refuse, but for limits of numbers in texts', () => {
    fc.assert(
      fc.property(configuration, (given) => {
        if (!settings.safeParse(given).success) expect(fromJson.safeParse(given).success).to.equal(false);
      }),
      { numRuns: 500 },
    );
  });

  it('takes variables where numbers, flags, words and addresses stand', () => {
    const given = {
      salesforce: { login: '${LOGIN}' },
      topics: ['${TOPIC}', { topic: 'Lead', snapshot: '${SNAPSHOT}' }],
      http: { port: '${PORT:-8080}' },
      sinks: { hook: { type: 'webhook', url: '${HOOK}' } },
    };
    expect(fromJson.safeParse(given).success).to.equal(true);
  });

  it('marks secrets, and has a description for every setting', () => {
    expect(plainSchema().properties?.salesforce?.properties?.password).to.include({ writeOnly: true });
    const walk = ({ properties = {} }: ReturnType<typeof plainSchema>, path: string): string[] =>
      Object.entries(properties).flatMap(([name, inner]) => [
        ...(inner.properties || inner.description !== undefined || inner.items || inner.additionalProperties
          ? []
          : [`${path}${name}`]),
        ...walk(inner, `${path}${name}.`),
      ]);
    expect(walk(plainSchema(), '')).to.deep.equal([]);
  });
});
