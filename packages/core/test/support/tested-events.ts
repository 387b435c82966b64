import { changeEvent } from '../../src/testing/change-event.js';

/** Events by the letters of marbles. */
export const events = {
  a: changeEvent({ entityName: 'Lead', data: { Name: 'a' } }),
  b: changeEvent({ entityName: 'Lead', data: { Name: 'b' } }),
  c: changeEvent({ entityName: 'Lead', data: { Name: 'c' } }),
};
