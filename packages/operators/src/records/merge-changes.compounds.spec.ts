import { expect } from 'chai';
import type { ChangeEvent } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { merged, namesOf, update } from '../../test/support/merged-changes.js';

/** An UPDATE of parts of a compound. */
function updatePlace(parts: Record<string, unknown>): ChangeEvent {
  const paths = Object.keys(parts).map((part) => `Place.${part}`);
  return update(
    { Place: { City: null, Street: null, Zip: null, ...parts } },
    {
      changedFields: paths,
      nulledFields: paths.filter((_path, index) => Object.values(parts)[index] === null),
    },
  );
}

describe('mergeChanges', () => {
  describe('of a compound', () => {
    it('joins the parts that changed', () => {
      const result = merged(updatePlace({ City: 'x', Zip: null }), updatePlace({ Street: 's', Zip: '1' }));
      expect(result.data).to.deep.include({ Place: { City: 'x', Street: 's', Zip: '1' } });
      expect(namesOf(result)).to.deep.equal({
        changedFields: ['Place.City', 'Place.Zip', 'Place.Street'],
        nulledFields: [],
        diffFields: [],
      });
    });

    it('takes a null part for a value where the event names it', () => {
      const result = merged(updatePlace({ City: 'x', Street: 's' }), updatePlace({ City: null, Zip: '1' }));
      expect(result.data).to.deep.include({ Place: { City: null, Street: 's', Zip: '1' } });
      expect(result.header.nulledFields).to.deep.equal(['Place.City']);
    });

    it('is null as a whole, when the newer event has nulled all of it', () => {
      const result = merged(updatePlace({ City: 'x', Street: null }), update({ Place: null }));
      expect(result.data).to.deep.include({ Place: null });
      expect(namesOf(result)).to.deep.equal({ changedFields: ['Place'], nulledFields: ['Place'], diffFields: [] });
    });

    it('has all its parts changed, when one is set after all were nulled at once', () => {
      const result = merged(update({ A: 1, Place: null }), updatePlace({ City: 'x' }));
      expect(result.data).to.deep.include({ A: 1, Place: { City: 'x', Street: null, Zip: null } });
      expect(result.header.changedFields).to.have.members(['A', 'Place.City', 'Place.Street', 'Place.Zip']);
      expect(result.header.nulledFields).to.have.members(['Place.Street', 'Place.Zip']);
    });

    it('keeps what a CREATE has of it, but for the parts that changed', () => {
      const older = changeEvent({ data: { Place: { City: 'x', Street: 's', Zip: null } } });
      expect(merged(older, updatePlace({ City: null, Zip: '1' })).data).to.deep.equal({
        A: null,
        B: null,
        Text: null,
        Place: { City: null, Street: 's', Zip: '1' },
      });
    });

    it('has the parts that are named nulled, when they are named as changed and it is named as nulled', () => {
      const names = { changedFields: ['Place.City', 'Place.Zip'], nulledFields: ['Place'] };
      const result = merged(updatePlace({ Street: 's' }), update({ Place: null }, names));
      expect(result.data).to.deep.include({ Place: { City: null, Street: 's', Zip: null } });
      expect(result.header.nulledFields).to.have.members(['Place.City', 'Place.Zip']);
    });

    it('is null as a whole, when it is named beside its parts and is null', () => {
      for (const changedFields of [
        ['Place', 'Place.City'],
        ['Place.City', 'Place'],
      ]) {
        const newer = update({ Place: null }, { changedFields, nulledFields: changedFields });
        expect(merged(updatePlace({ Street: 's' }), newer).data).to.deep.include({ Place: null });
      }
    });

    it('has only the parts changed that are named, when it is named beside them and is not null', () => {
      const newer = updatePlace({ City: 'x' });
      for (const changedFields of [
        ['Place', 'Place.City'],
        ['Place.City', 'Place'],
      ]) {
        const result = merged(updatePlace({ Street: 's' }), {
          ...newer,
          header: { ...newer.header, changedFields },
        });
        expect(result.data).to.deep.include({ Place: { City: 'x', Street: 's', Zip: null } });
      }
    });

    it('is replaced, where it was a text before', () => {
      const older = changeEvent({ data: { Place: 'somewhere' } });
      expect(merged(older, updatePlace({ City: 'x' })).data).to.deep.include({
        Place: { City: 'x', Street: null, Zip: null },
      });
    });
  });
});
