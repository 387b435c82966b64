/** The oldest version that Salesforce serves. */
const OLDEST = 31;
const NEWEST = 66;
/** `Summer '17`. Three versions a year follow each other: Summer, then Winter and Spring of the next year. */
const REFERENCE = { version: 40, year: 17 };
const SEASONS = ['Summer', 'Winter', 'Spring'];

/** A version of the API, as the service lists it. */
export interface ApiVersion {
  readonly label: string;
  readonly url: string;
  readonly version: string;
}

/** All versions, the oldest first. All are served the same way. */
export const API_VERSIONS: readonly ApiVersion[] = Array.from({ length: NEWEST - OLDEST + 1 }, (_, index) => {
  const number = OLDEST + index;
  const distance = number - REFERENCE.version;
  const label = `${SEASONS[((distance % 3) + 3) % 3] ?? ''} '${REFERENCE.year + Math.ceil(distance / 3)}`;
  return { label, url: `/services/data/v${number}.0`, version: `${number}.0` };
});

const KNOWN = new Set(API_VERSIONS.map(({ version }) => `v${version}`));

/** Whether this segment of a path names a version, such as `v64.0`. */
export function isApiVersion(segment: string): boolean {
  return KNOWN.has(segment);
}
