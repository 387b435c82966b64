import { json, type RestRoute } from '../rest-call.js';
import { batch } from './batch.js';
import { composite, compositeGraph } from './composite.js';
import { tree } from './tree.js';

/** The endpoints of several requests in one, and of records with those that name them. */
export const COMPOSITE_ROUTES: readonly RestRoute[] = [
  [
    'GET',
    '/composite',
    ({ base }) =>
      json(
        Object.fromEntries(['batch', 'graph', 'sobjects', 'tree'].map((name) => [name, `${base}/composite/${name}`])),
      ),
  ],
  ['POST', '/composite', composite],
  ['POST', '/composite/graph', compositeGraph],
  ['POST', '/composite/batch', batch],
  ['POST', '/composite/tree/*', tree],
];
