import { ESLintUtils } from '@typescript-eslint/utils';

/** Makes a rule whose visitors and messages are checked by their types. */
export const createRule = ESLintUtils.RuleCreator.withoutDocs;
