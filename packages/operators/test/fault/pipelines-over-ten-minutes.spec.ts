import { expect } from 'chai';
import { Minutes } from './support/unread/minutes.js';
import { PIPELINES, UNSEEN } from './support/unread/pipelines/index.js';

const NAMES = [...PIPELINES].flatMap(([name, { kept }]) =>
  kept === 'in a store' && !UNSEEN.includes(name) ? [name] : [],
);

describe('pipelines of people who read nothing, over ten minutes', () => {
  for (const name of NAMES) {
    it(`lose nothing that is not told of: ${name}`, async () => {
      const { lost, of, said, stops } = await Minutes.run(name);
      // What emits nothing for ten minutes may be a filter, so the position moves then, with a warning.
      if (said.some((message) => message.includes('nothing came out of its operators'))) return;
      expect(lost, `of ${of}; ${stops.join()}; ${said.join('; ') || 'nothing was said'}`).to.equal(0);
    });
  }
});
