import { expect } from 'chai';
import { firstValueFrom, of } from 'rxjs';
import { changeSchema, THING } from '../../test/support/fake-service.js';
import { SchemaError } from '../model/errors.js';
import { SchemaRegistry } from './schema-registry.js';

describe('SchemaRegistry', () => {
  /** A service that sends this, whatever it is asked for. */
  const sending = (schemaJson: string) => {
    const asked: string[] = [];
    const schema = (schemaId: string) => {
      asked.push(schemaId);
      return of({ schemaId, schemaJson, rpcId: '' });
    };
    return { asked, schema };
  };
  const errorOf = (registry: SchemaRegistry, schemaId: string) =>
    firstValueFrom(registry.load(schemaId)).catch((thrown: unknown) => thrown);

  it('keeps a schema, and asks for it once', async () => {
    const service = sending(THING.json);
    const registry = new SchemaRegistry(service);
    const schema = await firstValueFrom(registry.load(THING.id));
    expect(await firstValueFrom(registry.load(THING.id))).to.equal(schema);
    expect([registry.known(THING.id), service.asked]).to.deep.equal([schema, [THING.id]]);
  });

  it('asks again for one that nothing named while hundreds of others came, and not for one that was used meanwhile', async () => {
    const service = sending(THING.json);
    let now = 0;
    const registry = new SchemaRegistry(service, 'trust', { now: () => now });
    for (const id of ['used', 'unused']) await firstValueFrom(registry.load(id));
    const used = registry.known('used');
    for (let index = 0; index < 300; index++) {
      now += 60_000;
      await firstValueFrom(registry.load(`other-${index}`));
      expect(registry.known('used')).to.equal(used);
    }
    expect(registry.known('unused')).to.equal(undefined);
    expect(await firstValueFrom(registry.load('unused'))).to.have.property('id', 'unused');
    expect(service.asked.filter((id) => id.endsWith('used'))).to.deep.equal(['used', 'unused', 'unused']);
  });

  it('refuses another schema than the one that it asked for, names it, and asks again', async () => {
    const service = sending(changeSchema('Colour').json);
    const registry = new SchemaRegistry(service);
    for (const count of [1, 2]) {
      const error = await errorOf(registry, THING.id);
      expect(error).to.be.instanceOf(SchemaError).and.include({ schemaId: THING.id, retriable: false });
      expect(error).to.have.property('actualSchemaId', changeSchema('Colour').id);
      expect((error as Error).message).to.include("schemaIds: 'trust'");
      expect(service.asked).to.have.length(count);
    }
  });

  it('takes what is sent under the id that it asked for, when ids are trusted', async () => {
    const registry = new SchemaRegistry(sending(THING.json), 'trust');
    const schema = await firstValueFrom(registry.load('made-up'));
    expect([schema.id, schema.name]).to.deep.equal(['made-up', 'ThingChangeEvent']);
    expect(registry.known('made-up')).to.equal(schema);
  });

  for (const json of ['<html>', '"string"', '{"type":"record","name":"X"}']) {
    it(`refuses ${json}, also when ids are trusted`, async () => {
      const error = await errorOf(new SchemaRegistry(sending(json), 'trust'), 'made-up');
      expect(error).to.be.instanceOf(SchemaError).and.not.have.property('actualSchemaId');
    });
  }
});
