import { readSyntax } from './module-syntax.js';
import { literalText } from './syntax-tree.js';
import { isModuleByName } from './package-type.js';
import { toJavaScript, type JavaScriptOptions, type SourceText } from './to-javascript.js';

/** The specifier from which the outline re-exports all other names: the bundler must leave it alone. */
export const anyExports = 'threadmill-any-exports';

/**
 * The text given to a bundler in place of a valid one that it rejects: it mentions the same files, has an effect, and may
 * export anything.
 *
 * @param isModule whether the text has import or export statements
 */
export async function outlineOf(source: SourceText, isModule: boolean, options: JavaScriptOptions): Promise<string> {
  const { file } = options;
  const { code } = await toJavaScript(source, options);
  const isEsModule = isModule || isModuleByName(file);
  const { requests, required, special } = readSyntax(file, code, isEsModule ? 'module' : 'commonjs');
  const imported = special.flatMap((node) =>
    node.type === 'ImportExpression' ? (literalText(node.source) ?? []) : [],
  );
  const quote = (text: string): string => JSON.stringify(text);
  return [
    ...requests.map((specifier) => `import ${quote(specifier)};`),
    ...required.map((specifier) => `require(${quote(specifier)});`),
    ...imported.map((specifier) => `import(${quote(specifier)});`),
    isEsModule ? `export * from ${quote(anyExports)};` : 'exports.any = 1;',
    'globalThis.any();',
  ].join('\n');
}
