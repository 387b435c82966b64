import { answer, type HttpAnswer, type HttpRequest, type Route } from '../http/route.js';
import { API_VERSIONS } from './api-versions.js';
import { ingestRoutes } from './bulk/ingest-jobs.js';
import { QUERY_JOB_ROUTES } from './bulk/query-jobs.js';
import { CHANGED_ROUTES } from './changed-records.js';
import { COLLECTION_ROUTES } from './collections.js';
import { COMPOSITE_ROUTES } from './composite/composite-routes.js';
import { DESCRIBE_ROUTES } from './describe.js';
import { EVENT_SCHEMA_ROUTES } from './event-schemas.js';
import { EXTERNAL_ID_ROUTES } from './external-ids.js';
import { PAGE_ROUTES } from './pages.js';
import { QUERY_ROUTES } from './queries.js';
import { RECORD_ROUTES } from './records.js';
import {
  counted,
  json,
  type RestCall,
  type RestContext,
  type RestRoute,
  type RestServices,
  toRoute,
} from './rest-call.js';
import { RestObjects } from './rest-objects.js';
import { SEARCH_ROUTES } from './searches.js';
import { ToolingObjects } from './tooling/tooling-objects.js';
import { TOOLING_ROUTES } from './tooling/tooling-routes.js';

/** The REST API below each version. Of two that fit a path, the first answers. */
const TABLE: readonly RestRoute[] = [
  ['GET', '', resources],
  ['GET', '/limits', ({ usage }) => json(usage.limits())],
  ...DESCRIBE_ROUTES,
  ...EVENT_SCHEMA_ROUTES,
  ...CHANGED_ROUTES,
  ...PAGE_ROUTES,
  ...SEARCH_ROUTES,
  ...RECORD_ROUTES,
  ...EXTERNAL_ID_ROUTES,
  ...COLLECTION_ROUTES,
  ...COMPOSITE_ROUTES,
  ...QUERY_ROUTES,
  ...QUERY_JOB_ROUTES,
  ...TOOLING_ROUTES,
];

/** The endpoints of an org's REST API, and of the part of its Tooling API that is about events. */
export function restRoutes(context: RestContext): Route[] {
  const { org, managed, now } = context;
  const { identity } = context.sessions;
  const { usage, cursors, queryJobs } = context.state;
  const services: RestServices = {
    ...context,
    usage,
    cursors,
    queryJobs,
    objects: new RestObjects({ ...context, identity, records: () => org.current }),
    replica: new RestObjects({ ...context, identity, records: () => org.replica }),
    tooling: new ToolingObjects(org, managed, now),
    dispatch: (request: HttpRequest) => answer(routes, request),
  };
  const routes: readonly Route<HttpAnswer>[] = [...TABLE, ...ingestRoutes(now)].map((route) =>
    toRoute(services, route),
  );
  return [
    { method: 'GET', path: '/services/data', handle: () => json(API_VERSIONS) },
    ...routes.map((route) => counted(services, route)),
  ];
}

/** Where things are, on one version. */
function resources({ base, instanceUrl, sessions }: RestCall): ReturnType<typeof json> {
  const { organizationId, userId } = sessions.identity;
  return json({
    composite: `${base}/composite`,
    identity: `${instanceUrl}/id/${organizationId}/${userId}`,
    jobs: `${base}/jobs`,
    limits: `${base}/limits`,
    query: `${base}/query`,
    queryAll: `${base}/queryAll`,
    recent: `${base}/recent`,
    search: `${base}/search`,
    sobjects: `${base}/sobjects`,
    tooling: `${base}/tooling`,
  });
}
