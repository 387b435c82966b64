import type { EntityDefinition } from '../entity.js';
import { account } from './account.js';
import { contact } from './contact.js';
import { lead } from './lead.js';
import { opportunity } from './opportunity.js';
import { project } from './project.js';

/** The objects of the emulated org. */
export const ENTITIES: readonly EntityDefinition[] = [account, contact, lead, opportunity, project];
