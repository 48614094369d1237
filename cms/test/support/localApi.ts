import ts from 'typescript';

/** Payload's own operations, which ask nobody's access unless they are told to. */
const OPERATIONS = new Set([
  'auth',
  'count',
  'countGlobalVersions',
  'countVersions',
  'create',
  'delete',
  'duplicate',
  'find',
  'findByID',
  'findDistinct',
  'findGlobal',
  'findGlobalVersionByID',
  'findGlobalVersions',
  'findVersionByID',
  'findVersions',
  'restoreGlobalVersion',
  'restoreVersion',
  'update',
  'updateGlobal',
]);

/** How a file says why it asks without anybody's access. */
const REASON = /(?:\/\*\*|\/\/|\*) ?Local API without access: (.{20,})/;

export type Finding = { line: number; call: string };

/** Calls of the Local API in a source that don't pass `overrideAccess: false` and whose access it is. */
export function callsWithoutAccess(source: string, fileName = 'file.tsx'): Finding[] {
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest, true);
  const findings: Finding[] = [];
  const report = (node: ts.Node) =>
    findings.push({
      line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1,
      call: node.getText().split('\n')[0] ?? '',
    });

  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isLocalApi(node) && !asksWithAccess(node.arguments[0], file))
      report(node);
    // Out of reach of the check above: taken off the object, named by a string, or past Payload to its database.
    if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name) && isPayload(node.initializer))
      for (const { propertyName, name } of node.name.elements)
        if (OPERATIONS.has((propertyName ?? name).getText())) report(node);
    if (ts.isElementAccessExpression(node) && isPayload(node.expression)) report(node);
    if (ts.isPropertyAssignment(node) && isTrue(node, 'overrideAccess')) report(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return findings;
}

/** The reason that a file gives; nothing when it gives none in the form agreed. */
export function statedReason(source: string): string | undefined {
  return REASON.exec(source)?.[1];
}

/** By its name and by what it is given, whatever the object is called that it is a method of. */
function isLocalApi({ expression, arguments: [first] }: ts.CallExpression): boolean {
  if (!ts.isPropertyAccessExpression(expression) || !OPERATIONS.has(expression.name.text)) return false;
  if (isPayload(expression.expression) || isDatabase(expression.expression)) return true;
  return (
    first !== undefined &&
    ts.isObjectLiteralExpression(first) &&
    first.properties.some((one) => ['collection', 'slug', 'global'].includes(one.name?.getText() ?? ''))
  );
}

function isPayload(node: ts.Expression | undefined): boolean {
  return node !== undefined && /(?:^|[.#])payload!?\??$/i.test(node.getText());
}

function isDatabase(node: ts.Expression): boolean {
  return /(?:^|[.#])payload!?\??\.db$/i.test(node.getText());
}

function asksWithAccess(given: ts.Expression | undefined, file: ts.SourceFile): boolean {
  const names = new Map<string, string>();
  collect(given, file, names);
  return names.get('overrideAccess') === 'false' && names.has('user');
}

/** The properties of an object, with those of constants of the same file that are spread into it. */
function collect(given: ts.Node | undefined, file: ts.SourceFile, into: Map<string, string>): void {
  if (given === undefined) return;
  if (ts.isAsExpression(given) || ts.isParenthesizedExpression(given) || ts.isSatisfiesExpression(given))
    collect(given.expression, file, into);
  if (!ts.isObjectLiteralExpression(given)) return;
  for (const one of given.properties) {
    if (ts.isPropertyAssignment(one)) into.set(one.name.getText(), one.initializer.getText());
    else if (ts.isShorthandPropertyAssignment(one)) into.set(one.name.text, one.name.text);
    else if (ts.isSpreadAssignment(one) && ts.isIdentifier(one.expression))
      collect(constant(one.expression.text, file), file, into);
  }
}

/** What a constant of the file is made of, when it is the only one of its name. */
function constant(name: string, file: ts.SourceFile): ts.Expression | undefined {
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isVariableDeclaration(node) &&
      node.name.getText() === name &&
      node.initializer &&
      node.parent.flags & ts.NodeFlags.Const
    )
      found.push(node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found.length === 1 ? found[0] : undefined;
}

function isTrue({ name, initializer }: ts.PropertyAssignment, wanted: string): boolean {
  return name.getText() === wanted && initializer.kind !== ts.SyntaxKind.FalseKeyword;
}
