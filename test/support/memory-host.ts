import ts from 'typescript';

/** Files on the disk, read and bound once for all programs that share them. */
export type ReadFiles = Map<string, ts.SourceFile | undefined>;

/** The files of this repository, for all programs of this process. */
const OURS: ReadFiles = new Map();

/**
 * What a compiler reads: texts in memory, and files on the disk. The options of programs that share files must be
 * alike: strict modules for ES2022.
 *
 * @param texts - By their paths.
 * @param files - Those that were read before: other ones than this repository's are kept apart, to be forgotten.
 */
export function memoryHost(
  options: ts.CompilerOptions,
  texts: ReadonlyMap<string, string>,
  files: ReadFiles = OURS,
): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  // Comments say nothing about types, and are half of all declarations.
  host.jsDocParsingMode = ts.JSDocParsingMode.ParseNone;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const text = texts.get(path);
    if (text !== undefined) return ts.createSourceFile(path, text, target, true);
    const format = typeof target === 'object' ? target.impliedNodeFormat : undefined;
    const key = `${path} ${format}`;
    if (!files.has(key)) files.set(key, getSourceFile(path, target, ...rest));
    return files.get(key);
  };
  return host;
}
