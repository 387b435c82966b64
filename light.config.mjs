import tseslint from 'typescript-eslint';
import { tsImport } from 'tsx/esm/api';
const { shortIfs } = await tsImport('./scripts/lint/short-ifs.ts', import.meta.url);
export default [{ignores:['**/dist/']},{files:['**/*.ts'],languageOptions:{parser:tseslint.parser},linterOptions:{reportUnusedDisableDirectives:'off'},plugins:{'@typescript-eslint':tseslint.plugin,house:{rules:{'short-ifs':shortIfs}},tsdoc:{rules:{syntax:{create:()=>({})}}},'rxjs-x':{rules:{}}},rules:{'house/short-ifs':'error','@typescript-eslint/consistent-type-imports':'error','@typescript-eslint/no-import-type-side-effects':'error'}}];
