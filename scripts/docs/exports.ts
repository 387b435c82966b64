import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { parseDocComment, type DocComment } from './doc-comment.js';

/** What a package exports under a name. */
export interface Exported {
  readonly name: string;
  /** What it is imported from, such as `@rxforce/operators`. */
  readonly entry: string;
  /** The file that declares it. */
  readonly file: string;
  /** The file that the entry takes it from: another one, where that passes it on. */
  readonly from: string;
  readonly isType: boolean;
  readonly doc: DocComment;
  /** How it is declared, without bodies. Of an interface, its name and type parameters: the rest are its members. */
  readonly signature: string;
  readonly params: readonly Param[];
  /** Of an interface or a class. */
  readonly members: readonly Member[];
  /** What an interface extends. */
  readonly bases: readonly string[];
}

/** A parameter of a function. */
export interface Param {
  readonly name: string;
  readonly type: string;
}

/** A field or a method. */
export interface Member {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  readonly doc: DocComment;
}

type Declaration =
  | ts.FunctionDeclaration
  | ts.ClassDeclaration
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration
  | ts.VariableDeclaration;

/**
 * Reads all that a package exports, in the order of its entries. The sources are parsed and not checked: that is fast,
 * and enough where each export is named.
 *
 * @param folder - The package's.
 */
export function exportsOf(folder: string): Exported[] {
  const { name, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    exports: Record<string, Record<string, string>>;
  };
  return Object.entries(exports).flatMap(([entry, { 'rxforce-source': source = '' }]) =>
    exportsOfModule(join(folder, source)).map((exported) => ({ ...exported, entry: join(name, entry) })),
  );
}

type Found = Omit<Exported, 'entry'>;

function exportsOfModule(file: string): Found[] {
  const source = parse(file);
  return source.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) return namedIn(statement, file);
    const declared = declarationsIn(statement);
    return declared.filter((each) => isExported(each)).map((each) => describeExport(nameOf(each), file, [each]));
  });
}

function namedIn({ exportClause, moduleSpecifier }: ts.ExportDeclaration, file: string): Found[] {
  const from = moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : '';
  if (exportClause === undefined || !ts.isNamedExports(exportClause) || !from.startsWith('.')) {
    throw new Error(`${file}: only names of the package's own files can be documented.`);
  }
  const path = join(file, '..', from.replace(/\.js$/, '.ts'));
  return exportClause.elements.map(({ name, propertyName }) => ({
    ...find(name.text, (propertyName ?? name).text, path),
    from: path,
  }));
}

/** Overloads are several declarations of one name. */
function find(name: string, declaredAs: string, path: string): Found {
  const { statements } = parse(path);
  const declarations = statements.flatMap(declarationsIn).filter((each) => nameOf(each) === declaredAs);
  if (declarations.length > 0) return describeExport(name, path, declarations);
  const passedOn = statements.filter(ts.isExportDeclaration).flatMap((each) => namedIn(each, path));
  const found = passedOn.find((each) => each.name === declaredAs);
  if (found === undefined) throw new Error(`${path} declares no ${declaredAs}.`);
  return { ...found, name };
}

const parsed = new Map<string, ts.SourceFile>();

function parse(file: string): ts.SourceFile {
  const text = readFileSync(file, 'utf8');
  const known = parsed.get(file);
  if (known?.text === text) return known;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  parsed.set(file, source);
  return source;
}

function declarationsIn(statement: ts.Statement): Declaration[] {
  if (ts.isVariableStatement(statement)) return [...statement.declarationList.declarations];
  const isDeclaration =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return isDeclaration ? [statement] : [];
}

function nameOf({ name }: Declaration): string {
  return name?.getText() ?? '';
}

function isExported(declaration: Declaration): boolean {
  return (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export) !== 0;
}

function describeExport(name: string, file: string, declarations: readonly Declaration[]): Found {
  const [first] = declarations as readonly [Declaration];
  const documented = declarations.find((each) => commentOf(each) !== '') ?? first;
  // The implementation of overloads is not to be called.
  const callable = declarations.length > 1 ? declarations.filter((each) => !isImplementation(each)) : declarations;
  const hasMembers = ts.isInterfaceDeclaration(first) || ts.isClassDeclaration(first);
  return {
    name,
    file,
    from: file,
    isType: ts.isInterfaceDeclaration(first) || ts.isTypeAliasDeclaration(first),
    doc: parseDocComment(commentOf(documented)),
    signature: callable.map((each) => signatureOf(each, name)).join('\n'),
    params: callable.flatMap((each) => functionIn(each)?.parameters.map(paramOf) ?? []).filter(isFirstOfName),
    members: hasMembers ? membersOf(first) : [],
    bases: ts.isInterfaceDeclaration(first)
      ? (first.heritageClauses ?? []).flatMap(({ types }) => types.map((type) => type.getText()))
      : [],
  };
}

function isImplementation(declaration: Declaration): boolean {
  return ts.isFunctionDeclaration(declaration) && declaration.body !== undefined;
}

function isFirstOfName<T extends { name: string }>({ name }: T, index: number, all: readonly T[]): boolean {
  return all.findIndex((other) => other.name === name) === index;
}

function commentOf(node: ts.Node): string {
  return ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc)?.getText() ?? '';
}

/** A constant may be a function, too. */
function functionIn(declaration: Declaration): ts.SignatureDeclaration | undefined {
  if (ts.isFunctionDeclaration(declaration)) return declaration;
  const value = ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
  return value !== undefined && (ts.isArrowFunction(value) || ts.isFunctionExpression(value)) ? value : undefined;
}

function signatureOf(declaration: Declaration, name: string): string {
  if (ts.isInterfaceDeclaration(declaration)) return `${name}${genericsOf(declaration)}`;
  if (ts.isTypeAliasDeclaration(declaration)) return declaration.getText().replace(/^export /, '');
  const callable = functionIn(declaration);
  if (callable) return `function ${name}${callOf(callable)};`;
  if (ts.isClassDeclaration(declaration)) {
    const made = declaration.members.find(ts.isConstructorDeclaration);
    return `class ${name}${genericsOf(declaration)} {${made ? `constructor${callOf(made)};` : ''}}`;
  }
  const type = ts.isVariableDeclaration(declaration) ? (declaration.type?.getText() ?? 'unknown') : 'unknown';
  return `const ${name}: ${type};`;
}

function callOf(callable: ts.SignatureDeclaration): string {
  const { parameters, type } = callable;
  const params = parameters.map((parameter, index) => {
    const { name, type: paramType } = paramOf(parameter, index);
    const optional = (parameter.questionToken ?? parameter.initializer) ? '?' : '';
    return `${parameter.dotDotDotToken ? '...' : ''}${name}${optional}${paramType === '' ? '' : `: ${paramType}`}`;
  });
  return `${genericsOf(callable)}(${params.join(', ')})${type ? `: ${type.getText()}` : ''}`;
}

function genericsOf({
  typeParameters,
}: ts.SignatureDeclaration | ts.InterfaceDeclaration | ts.ClassDeclaration): string {
  return typeParameters ? `<${typeParameters.map((each) => each.getText()).join(', ')}>` : '';
}

/** A parameter that is taken apart where it is declared is called what its type is: options. */
function paramOf({ name, type }: ts.ParameterDeclaration, _index: number): Param {
  return { name: ts.isIdentifier(name) ? name.text : 'options', type: type?.getText() ?? '' };
}

function membersOf(declaration: ts.InterfaceDeclaration | ts.ClassDeclaration): Member[] {
  return [...declaration.members].filter(isPublic).flatMap((member) => {
    const name = member.name?.getText();
    if (name === undefined) return [];
    const isOptional = 'questionToken' in member && member.questionToken !== undefined;
    return [{ name, isOptional, type: typeOf(member), doc: parseDocComment(commentOf(member)) }];
  });
}

function isPublic(member: ts.TypeElement | ts.ClassElement): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return (ts.getCombinedModifierFlags(member) & hidden) === 0 && !(member.name && ts.isPrivateIdentifier(member.name));
}

function typeOf(member: ts.TypeElement | ts.ClassElement): string {
  if (ts.isMethodSignature(member) || ts.isMethodDeclaration(member)) return callOf(member);
  return 'type' in member && member.type ? (member.type as ts.TypeNode).getText() : '';
}
