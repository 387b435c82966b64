import type { Identity } from '../sessions/sessions.js';
import { recordIdOf } from '../model/record-ids.js';
import { FIELD_TYPES, ID_TYPE, REFERENCE_TYPE, text } from './field-types.js';
import { type PlainValues, ReadOnlyObject, type ReadOnlySpec } from './read-only-object.js';
import type { ObjectDirectory } from './rest-object.js';

const NAME = text('string', 255);
const PROFILE_ID = recordIdOf('00e', 1);

const USER: ReadOnlySpec = {
  name: 'User',
  keyPrefix: '005',
  key: 'Id',
  fields: {
    Id: ID_TYPE,
    Username: text('string', 80),
    FirstName: text('string', 40),
    LastName: text('string', 80),
    Name: text('string', 121),
    Email: FIELD_TYPES.Email,
    IsActive: FIELD_TYPES.Boolean,
    Alias: text('string', 8),
    ProfileId: REFERENCE_TYPE,
    UserType: text('picklist', 40),
    TimeZoneSidKey: text('picklist', 40),
    LocaleSidKey: text('picklist', 40),
    LanguageLocaleKey: text('picklist', 40),
  },
  references: { ProfileId: { to: ['Profile'], relationship: 'Profile' } },
};

const PROFILE: ReadOnlySpec = {
  name: 'Profile',
  keyPrefix: '00e',
  key: 'Id',
  fields: { Id: ID_TYPE, Name: NAME },
};

const ORGANIZATION: ReadOnlySpec = {
  name: 'Organization',
  keyPrefix: '00D',
  key: 'Id',
  fields: {
    Id: ID_TYPE,
    Name: text('string', 80),
    OrganizationType: text('picklist', 40),
    InstanceName: text('string', 5),
    IsSandbox: FIELD_TYPES.Boolean,
    NamespacePrefix: text('string', 15),
    TrialExpirationDate: FIELD_TYPES.DateTime,
    LanguageLocaleKey: text('picklist', 40),
    DefaultLocaleSidKey: text('picklist', 40),
    TimeZoneSidKey: text('picklist', 40),
    IsReadOnly: FIELD_TYPES.Boolean,
    InstanceUrl: NAME,
  },
};

/** The facts that programs read after a login: their user, and the org. */
export function orgFacts(identity: Identity, directory: ObjectDirectory, instanceUrl: string): ReadOnlyObject[] {
  const facts: readonly (readonly [ReadOnlySpec, PlainValues])[] = [
    [USER, userOf(identity)],
    [PROFILE, { Id: PROFILE_ID, Name: 'System Administrator' }],
    [ORGANIZATION, organizationOf(identity, instanceUrl)],
  ];
  return facts.map(([definition, row]) => new ReadOnlyObject(definition, directory, () => [row]));
}

function userOf({ userId, username }: Identity): PlainValues {
  return {
    Id: userId,
    Username: username,
    FirstName: 'Integration',
    LastName: 'User',
    Name: 'Integration User',
    Email: username,
    IsActive: true,
    Alias: 'integ',
    ProfileId: PROFILE_ID,
    UserType: 'Standard',
    TimeZoneSidKey: 'GMT',
    LocaleSidKey: 'en_US',
    LanguageLocaleKey: 'en_US',
  };
}

function organizationOf({ organizationId }: Identity, instanceUrl: string): PlainValues {
  return {
    Id: organizationId,
    Name: 'rxforce emulator',
    OrganizationType: 'Developer Edition',
    InstanceName: 'EMU1',
    IsSandbox: false,
    NamespacePrefix: null,
    TrialExpirationDate: null,
    LanguageLocaleKey: 'en_US',
    DefaultLocaleSidKey: 'en_US',
    TimeZoneSidKey: 'GMT',
    IsReadOnly: false,
    InstanceUrl: instanceUrl,
  };
}
