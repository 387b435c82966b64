import { objectNamed } from './records.js';
import { json, type RestCall, type RestRoute } from './rest-call.js';

/**
 * The endpoints of browser pages. The emulated org has no pages, so there are no tabs, themes, actions, list views and
 * layouts: programs that look for them find none, and get no error.
 */
export const PAGE_ROUTES: readonly RestRoute[] = [
  ['GET', '/tabs', () => json([])],
  ['GET', '/theme', () => json({ themeItems: [] })],
  ['GET', '/quickActions', () => json([])],
  ['GET', '/sobjects/*/quickActions', of(() => [])],
  [
    'GET',
    '/sobjects/*/listviews',
    of((sobjectType) => ({ done: true, listviews: [], nextRecordsUrl: null, size: 0, sobjectType })),
  ],
  [
    'GET',
    '/sobjects/*/describe/layouts',
    of(() => ({ layouts: [], recordTypeMappings: [], recordTypeSelectorRequired: [false] })),
  ],
  [
    'GET',
    '/sobjects/*/describe/compactLayouts',
    of((name, { base }) => ({
      compactLayouts: [],
      defaultCompactLayoutId: null,
      recordTypeCompactLayoutMappings: [],
      urls: { primary: `${base}/sobjects/${name}/describe/compactLayouts/primary` },
    })),
  ],
  ['GET', '/sobjects/*/describe/approvalLayouts', of(() => ({ approvalLayouts: [] }))],
];

/** The answer for an object, which must exist. */
function of(answer: (name: string, call: RestCall) => object): RestRoute[2] {
  return (call) => json(answer(objectNamed(call, call.segments[0]).name, call));
}
