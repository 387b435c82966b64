import { join } from 'node:path';
import { parser } from 'typescript-eslint';
import ts from 'typescript';
import { memoryHost } from '../../../../test/support/memory-host.js';

/** Its public type leaves out that it takes options. */
const parse = parser.parseForESLint as (text: string, options: object) => ReturnType<typeof parser.parseForESLint>;

/**
 * A parser with types for texts that are known beforehand: all of them are files of one program, so that the types of
 * what they import are resolved once, and not once for each text. Another text is parsed as the options say.
 *
 * @param folder - Where the files count as being; its `tsconfig.json` is the program's.
 */
export function parserOf(folder: string, texts: readonly string[]) {
  const paths = new Map(texts.map((text, index) => [text, join(folder, `text-${index}.ts`)]));
  let program: ts.Program | undefined;
  return {
    meta: { name: 'one-program', version: '1' },
    parseForESLint(text: string, options: object) {
      const filePath = paths.get(text);
      if (filePath === undefined) return parse(text, options);
      program ??= programOf(folder, new Map([...paths].map(([each, path]) => [path, each])));
      return parse(text, { ...options, filePath, programs: [program] });
    },
  };
}

function programOf(folder: string, texts: ReadonlyMap<string, string>): ts.Program {
  const config = ts.getParsedCommandLineOfConfigFile(join(folder, 'tsconfig.json'), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  });
  const { options } = config!;
  return ts.createProgram([...texts.keys()], options, memoryHost(options, texts));
}
