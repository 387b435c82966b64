/** A session as the clients are given it. The server takes any. */
export const SESSION = {
  accessToken: '00D000000000001!bench',
  instanceUrl: 'https://bench.my.salesforce.com',
  organizationId: '00D000000000001',
};
