import { applyTextDiff } from '@rxforce/operators';
import { expect } from 'chai';
import { change, idOf, snapshot } from '../support/changes.js';
import { postgresEngine, sqliteEngine } from '../support/engines.js';
import { failureOf, mirrorIn, rowsOf, writeEach } from '../support/mirrors.js';
import { unifiedDiff } from '../../../operators/test/support/unified-diff.js';

const SOME = 'id, name, industry, billing_city, billing_street, rx_deleted, rx_complete';
const create = (at = 1) =>
  change({
    at,
    changeType: 'CREATE',
    data: { Name: 'Acme', Industry: 'Tools', BillingAddress: { Street: 'Main', City: 'Rome' } },
  });
const update = (at: number, data: Record<string, unknown>) => change({ at, changeType: 'UPDATE', data });
const row = (fields: object) => ({ id: idOf(1), rx_deleted: false, rx_complete: true, ...fields });
const CREATED = { name: 'Acme', industry: 'Tools', billing_city: 'Rome', billing_street: 'Main' };

for (const engine of [postgresEngine(), sqliteEngine()]) {
  describe(`A sqlMirror in ${engine.name}`, () => {
    before(() => engine.start());
    beforeEach(() => engine.clear());
    after(() => engine.stop());
    const rows = () => rowsOf(engine, SOME);

    it('has the whole record, when it was created', async () => {
      await mirrorIn(engine).write(create());
      expect(await rows()).to.deep.equal([row(CREATED)]);
    });

    it('has a record once, when its event comes twice, in one batch or in two', async () => {
      const mirror = mirrorIn(engine);
      await mirror.write([create(), create()]);
      await mirror.write([create()]);
      expect(await rows()).to.deep.equal([row(CREATED)]);
    });

    it('writes only what an UPDATE changed', async () => {
      await writeEach(mirrorIn(engine), create(), update(2, { Industry: null, BillingAddress: { City: 'Bonn' } }));
      expect(await rows()).to.deep.equal([row({ name: 'Acme', billing_city: 'Bonn', billing_street: 'Main' })]);
    });

    it('has no parts of a compound, when it became null as a whole', async () => {
      await writeEach(mirrorIn(engine), create(), update(2, { BillingAddress: null }));
      expect(await rows()).to.deep.equal([row({ name: 'Acme', industry: 'Tools' })]);
    });

    it('keeps a value that only enrichment carries', async () => {
      const enriched = change({
        at: 2,
        changeType: 'UPDATE',
        data: { Name: 'New', Industry: 'Toys' },
        changedFields: ['Name'],
      });
      await writeEach(mirrorIn(engine), create(), enriched);
      expect(await rows()).to.deep.equal([row({ ...CREATED, name: 'New', industry: 'Toys' })]);
    });

    it('changes nothing by a late event, when its fields have newer values', async () => {
      await writeEach(
        mirrorIn(engine),
        create(),
        update(3, { Industry: 'Toys' }),
        update(2, { Industry: 'Old' }),
        create(),
      );
      expect(await rows()).to.deep.equal([row({ ...CREATED, industry: 'Toys' })]);
    });

    it('writes the fields of a late event that have no newer value', async () => {
      const late = update(2, { Industry: 'Old', Name: 'Late' });
      await writeEach(mirrorIn(engine), create(), update(3, { Industry: 'Toys' }), late, late);
      expect(await rows()).to.deep.equal([row({ ...CREATED, industry: 'Toys', name: 'Late' })]);
    });

    it('has a partial row, when an UPDATE comes first, and the whole one after its late CREATE', async () => {
      const mirror = mirrorIn(engine);
      await mirror.write(update(2, { Industry: 'Toys' }));
      expect(await rows()).to.deep.equal([row({ industry: 'Toys', rx_complete: false })]);
      await mirror.write(create());
      expect(await rows()).to.deep.equal([row({ ...CREATED, industry: 'Toys' })]);
    });

    it('applies a merged event to all of its records', async () => {
      const merged = change({ at: 2, changeType: 'UPDATE', recordIds: [idOf(1), idOf(2)], data: { Industry: 'Both' } });
      await writeEach(mirrorIn(engine), create(), merged);
      expect(await rows()).to.deep.equal([
        row({ ...CREATED, industry: 'Both' }),
        row({ id: idOf(2), industry: 'Both', rx_complete: false }),
      ]);
    });

    it('marks a deleted record, and keeps its last values', async () => {
      const mirror = mirrorIn(engine);
      await writeEach(
        mirror,
        create(),
        change({ at: 3, changeType: 'DELETE' }),
        update(2, { Industry: 'Late' }),
        create(),
      );
      expect(await rows()).to.deep.equal([row({ ...CREATED, rx_deleted: true })]);
    });

    it('deletes the row of a deleted record, and late events do not bring it back', async () => {
      const mirror = mirrorIn(engine, { deletes: 'delete' });
      await writeEach(
        mirror,
        create(),
        change({ at: 3, changeType: 'DELETE' }),
        update(2, { Industry: 'Late' }),
        create(),
      );
      expect(await rows()).to.deep.equal([]);
      await mirror.write([change({ at: 4, changeType: 'UNDELETE', data: { Name: 'Back' } })]);
      expect(await rows()).to.deep.equal([row({ name: 'Back' })]);
      expect(await engine.query('SELECT id FROM account__deleted')).to.deep.equal([]);
    });

    for (const deletes of ['mark', 'delete'] as const) {
      it(`has an undeleted record whole again, when deletes is ${deletes}`, async () => {
        const events = [
          create(),
          change({ at: 2, changeType: 'DELETE' }),
          change({ at: 3, changeType: 'UNDELETE', data: { Name: 'Back' } }),
        ];
        await writeEach(mirrorIn(engine, { deletes }), ...events);
        expect(await rows()).to.deep.equal([row({ name: 'Back' })]);
      });

      it(`has a partial row, when an UPDATE shows that a deleted record is back, and deletes is ${deletes}`, async () => {
        const events = [create(), change({ at: 2, changeType: 'DELETE' }), update(3, { Industry: 'Back' })];
        await writeEach(mirrorIn(engine, { deletes }), ...events);
        expect(await rows()).to.deep.equal([row({ industry: 'Back', rx_complete: false })]);
      });

      it(`has the same in one batch, when deletes is ${deletes}`, async () => {
        const events = [
          create(),
          change({ at: 2, changeType: 'DELETE' }),
          update(3, { Industry: 'Back' }),
          change({ at: 4, changeType: 'DELETE' }),
        ];
        await mirrorIn(engine, { deletes }).write(events);
        expect((await rows()).filter(({ rx_deleted }) => !rx_deleted)).to.deep.equal([]);
      });
    }

    it('has a text after its diff, in a batch and on a row', async () => {
      const texts = [1, 2, 3].map((version) =>
        Array.from({ length: 50 }, (_, line) => `line ${line} ${line === 9 ? version : ''}`).join('\n'),
      );
      const diffs = [
        unifiedDiff(texts[0]!, texts[1]!, { context: 1, emptySideNames: 'line-before' }),
        unifiedDiff(texts[1]!, texts[2]!, { context: 1, emptySideNames: 'line-before' }),
      ];
      expect(applyTextDiff(texts[0]!, diffs[0]!).unwrap()).to.equal(texts[1]);
      const diff = (at: number, text: string) =>
        change({ at, changeType: 'UPDATE', data: { Description: text }, diffFields: ['Description'] });
      const mirror = mirrorIn(engine);
      await mirror.write([change({ data: { Description: texts[0] } }), diff(2, diffs[0]!)]);
      await writeEach(mirror, diff(3, diffs[1]!), diff(2, diffs[0]!));
      expect((await rowsOf(engine, 'id, description'))[0]?.description).to.equal(texts[2]);
      const failure = await failureOf(mirror.write([update(9, { Name: 'x' }), diff(4, diffs[0]!)]));
      expect(failure).to.include({ code: 'change-mismatch' });
      expect((await rowsOf(engine, 'id, name'))[0]?.name).to.equal(undefined);
    });

    it('leaves a text unknown, when its diff comes to a partial row', async () => {
      const diff = change({
        at: 3,
        changeType: 'UPDATE',
        data: { Name: 'x', Description: '--- \n+++ diff' },
        diffFields: ['Description'],
      });
      await writeEach(mirrorIn(engine), update(2, { Industry: 'Toys' }), diff);
      expect(await rowsOf(engine, `${SOME}, description`)).to.deep.equal([
        row({ industry: 'Toys', name: 'x', rx_complete: false }),
      ]);
    });

    for (const changeType of ['GAP_UPDATE', 'GAP_OVERFLOW'] as const) {
      it(`rejects a ${changeType}, and names resolveGaps()`, async () => {
        const mirror = mirrorIn(engine);
        await mirror.write([]);
        await mirror.write([create()]);
        const failure = await failureOf(
          mirror.write([update(2, { Name: 'Not written' }), change({ at: 3, changeType })]),
        );
        expect(failure).to.include({ code: 'change-mismatch', retriable: false });
        expect(failure.message).to.include('resolveGaps()');
        expect(await rows()).to.deep.equal([row(CREATED)]);
      });
    }

    it('writes the SNAPSHOT that was made of a gap in the place of the gap', async () => {
      const read = change({ at: 2, changeType: 'SNAPSHOT', data: { Name: 'Read' } });
      await writeEach(mirrorIn(engine), create(), update(3, { Industry: 'New' }), read);
      expect(await rows()).to.deep.equal([row({ name: 'Read', industry: 'New' })]);
    });

    const reread = (modified: number, data: Record<string, unknown>) =>
      change({ at: 10, changeType: 'SNAPSHOT', data: { ...data, LastModifiedDate: modified * 1_000 + 7 } });

    it('writes the record of a gap again, when the gap comes again, unless it was read before', async () => {
      const mirror = mirrorIn(engine);
      await writeEach(mirror, create(), reread(12, { Name: 'First' }), update(11, { Name: 'Dropped' }));
      expect(await rows()).to.deep.equal([row({ name: 'First' })]);
      await writeEach(
        mirror,
        reread(20, { Name: 'Again' }),
        reread(12, { Name: 'First' }),
        update(15, { Name: 'Old' }),
      );
      expect(await rows()).to.deep.equal([row({ name: 'Again' })]);
      await mirror.write([update(20, { Name: 'Same second' }), update(21, { Industry: 'New' })]);
      expect(await rows()).to.deep.equal([row({ name: 'Same second', industry: 'New' })]);
    });

    it('takes the record of a gap for what changed before it was modified last, and keeps what changed since', async () => {
      const events = [create(), update(11, { Name: 'Before' }), update(30, { Industry: 'Since' })];
      await writeEach(mirrorIn(engine), ...events, reread(20, { Name: 'Read', Industry: 'Read' }));
      expect(await rows()).to.deep.equal([row({ name: 'Read', industry: 'Since' })]);
    });

    it('has no record that was deleted after a gap was read', async () => {
      const mirror = mirrorIn(engine);
      await writeEach(mirror, create(), change({ at: 25, changeType: 'DELETE' }), reread(20, { Name: 'Read' }));
      expect((await rows())[0]).to.include({ rx_deleted: true });
      await mirror.write(reread(26, { Name: 'Undeleted' }));
      expect(await rows()).to.deep.equal([row({ name: 'Undeleted' })]);
    });

    it('keeps fields that a row of a snapshot was read without, but not those that a gap was read without', async () => {
      const mirror = mirrorIn(engine);
      await writeEach(mirror, create(), { ...snapshot({ at: 50 }), data: { Name: 'Read' } });
      expect(await rows()).to.deep.equal([row({ ...CREATED, name: 'Read' })]);
      await mirror.write({ ...change({ at: 100, changeType: 'SNAPSHOT' }), data: { Name: 'Read' } });
      expect(await rows()).to.deep.equal([row({ name: 'Read' })]);
    });

    it('keeps what is newer, when an older event comes after a snapshot', async () => {
      await writeEach(
        mirrorIn(engine),
        snapshot({ at: 100, data: { Name: 'Read' } }),
        update(92, { Name: 'Old' }),
        create(50),
      );
      expect(await rows()).to.deep.equal([row({ name: 'Read' })]);
    });

    it('loses no change near the time of a snapshot, whichever comes first', async () => {
      const near = update(95, { Industry: 'Near' });
      const read = snapshot({ at: 100, data: { Name: 'Read' } });
      await writeEach(mirrorIn(engine), create(), near, read);
      expect(await rows()).to.deep.equal([row({ name: 'Read', industry: 'Near' })]);
      await engine.clear();
      await writeEach(mirrorIn(engine), read, near);
      expect(await rows()).to.deep.equal([row({ name: 'Read', industry: 'Near' })]);
    });

    it('takes a row over all changes that it certainly has, however close they are: others may never come', async () => {
      const mirror = mirrorIn(engine);
      await writeEach(mirror, create(), change({ at: 98, changeType: 'UPDATE', data: { Name: 'Before the hole' } }));
      const read = snapshot({ at: 100, data: { Name: 'Read' } });
      await writeEach(mirror, { ...read, asOf: 98_000 });
      expect((await rows())[0]).to.include({ name: 'Before the hole' });
      await writeEach(mirror, { ...read, asOf: 98_001 });
      expect((await rows())[0]).to.include({ name: 'Read' });
    });

    it('has a record again that was deleted, when a row that was certainly read later has it', async () => {
      const mirror = mirrorIn(engine);
      await writeEach(mirror, create(), change({ at: 98, changeType: 'DELETE' }));
      const read = snapshot({ at: 100, data: { Name: 'Read' } });
      await writeEach(mirror, read);
      expect((await rows())[0]).to.include({ rx_deleted: true });
      await writeEach(mirror, { ...read, asOf: 200_000 });
      expect((await rows())[0]).to.include({ name: 'Read', rx_deleted: false });
    });

    it('fills what a snapshot knows, when the row has the same age', async () => {
      await writeEach(mirrorIn(engine), snapshot({ at: 100, data: { Name: 'Read' } }));
      await writeEach(mirrorIn(engine), snapshot({ at: 100, data: { Name: 'Read', Industry: 'New field' } }));
      await writeEach(mirrorIn(engine), snapshot({ at: 99, data: { Name: 'Older' } }));
      expect(await rows()).to.deep.equal([row({ name: 'Read', industry: 'New field' })]);
    });
  });
}
