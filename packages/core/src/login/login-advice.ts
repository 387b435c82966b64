import type { LoginFailure } from '../model/login-failure.js';
import type { LoginContext, LoginName } from './login-context.js';

type Advice = (context: LoginContext) => string;

const user = ({ username }: LoginContext) => (username === undefined ? 'the user' : `the user ${username}`);

const wrongCredentials: Advice = ({ login }) => WRONG_CREDENTIALS[login] ?? WRONG_SECRET;

const WRONG_SECRET =
  "check the client id and secret: copy them again from the app's Consumer Key and Secret in Salesforce.";

const WRONG_CREDENTIALS: Readonly<Partial<Record<LoginName, string>>> = {
  jwtBearer:
    'the private key does not belong to the certificate that was uploaded to the app in Salesforce, or the user name is of ' +
    'another org. Check both, and that loginUrl is of the org that has the app.',
  usernamePassword:
    'the user name, password or security token is wrong, or the user is locked out. A sandbox has user names of its own ' +
    '(with ".sandboxname" at the end), and logs in at https://test.salesforce.com. A new password comes with a new token. It is ' +
    'not tried again, so that the user is not locked out: make a new login.',
};

const flowNotEnabled: Advice = ({ login }) => FLOW_NOT_ENABLED[login] ?? FLOW_OF_APP_NOT_ENABLED;

const FLOW_OF_APP_NOT_ENABLED =
  'the app does not have this flow enabled. Enable it in the OAuth settings of the app in Salesforce.';

const FLOW_NOT_ENABLED: Readonly<Partial<Record<LoginName, string>>> = {
  clientCredentials:
    'the app does not have the client credentials flow enabled, or names no user to run as. Set both in the OAuth settings ' +
    'and policies of the app.',
  usernamePassword:
    'the org does not let users log in by password through the API: it is off in new orgs and for API versions from 65.0 on, ' +
    'and ends everywhere in the summer of 2027. Use another login, such as jwtBearer() or clientCredentials().',
};

const grantExpired: Advice = ({ login }) =>
  login === 'refreshToken'
    ? 'the refresh token has expired, was revoked, or was replaced by a newer one. The user must log in again by the web ' +
      'server flow. The refresh token policy of the app in Salesforce says how long one lasts.'
    : 'the authorization code has expired or was used before. It can be used once, soon after it was given: begin the login ' +
      'again.';

const clockSkew: Advice = ({ behindMs }) => {
  const remedy = 'Set the clock, as by NTP; the assertion is valid for a few minutes only.';
  if (behindMs === undefined) return `the assertion was too old when it came, so the clock is wrong. ${remedy}`;
  return `the clock of this machine is ${Math.round(behindMs / 1000)} seconds behind the server's. ${remedy}`;
};

/** What to do about each reason. */
const ADVICE: Readonly<Record<LoginFailure, Advice>> = {
  'wrong-credentials': wrongCredentials,
  'flow-not-enabled': flowNotEnabled,
  'grant-expired': grantExpired,
  'clock-skew': clockSkew,
  'security-token-needed': () =>
    "from this address the login needs the user's security token: give it as securityToken. Salesforce sends it by mail, under " +
    'Settings > Reset My Security Token; or add the address to the trusted IP ranges of the org.',
  'unknown-app': () =>
    'the org does not have this app, or nobody there knows this clientId. Check it. An external client app must be installed, or ' +
    'created, in the org that the user is of: a refreshed sandbox has none. Give the My Domain URL of that org as loginUrl (for ' +
    'jwtBearer(), it is the audience, too): login.salesforce.com and test.salesforce.com do not find every app. A new app takes ' +
    'up to 10 minutes to be known.',
  'app-not-approved': (context) =>
    `${user(context)} may not use the app. In the policies of the app in Salesforce, set Permitted Users to "Admin approved ` +
    'users are pre-authorized", and add a profile or permission set of the user; or let the user log in once by the web ' +
    'server flow.',
  'wrong-audience': ({ audience = '' }) =>
    `the assertion is for ${audience}, which the login endpoint does not take. It takes https://login.salesforce.com, for a ` +
    'sandbox https://test.salesforce.com, or the My Domain that one logs in at: give it as audience.',
  'wrong-login-url': ({ origin }) =>
    `${origin} does not serve this login. Give the org's My Domain URL as loginUrl, such as "https://acme.my.salesforce.com" ` +
    '(Setup > My Domain shows it).',
  'ip-restricted': (context) =>
    `${user(context)} may not log in from this address, or not at this hour. Check the login IP ranges and login hours of the ` +
    'profile, and the IP relaxation in the policies of the app.',
  'user-blocked': (context) =>
    `${user(context)} is inactive or locked out, or the password has expired. An administrator can see and change it under ` +
    'Setup > Users.',
  'org-blocked': () => 'the org is locked, closed or suspended. Ask its administrator, or Salesforce.',
  'api-disabled': (context) =>
    `the API is not open to ${user(context)}: the org's edition lacks it, or the user's profile lacks "API Enabled".`,
  'too-many-logins': () =>
    'there were too many logins or API calls for now. Wait, and share one client among subscriptions: it logs in once.',
  denied: () =>
    'the user, or a policy of the org, did not let the app in. Begin the login again, if that was a mistake.',
  'callback-mismatch': () =>
    'the redirectUri is not, letter by letter, a callback URL of the app in Salesforce, or the code is not of the login that ' +
    'was begun.',
  'token-format': () => 'the access token is in a format that the service does not take.',
  'answer-incomplete': () => 'the answer lacks what a session needs. Check that loginUrl is a Salesforce login URL.',
  'rotation-not-kept': () => 'the new refresh token could not be kept.',
  'not-renewable': () => 'the session cannot be renewed. Log in again.',
  other: () =>
    'try again after a pause; if it stays, look it up in the Login History of the org (Setup > Login History).',
};

/** What happened and what to do, as the rest of a sentence. */
export function advice(reason: LoginFailure, context: LoginContext): string {
  return ADVICE[reason](context);
}
