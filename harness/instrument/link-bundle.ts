import MagicString from 'magic-string';
import { parseSync } from 'oxc-parser';

/** How a module that a bundle leaves to the engine's `require` gives its exports. */
export type ExternalFormat = 'module' | 'commonjs';

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Specifier {
  readonly type: string;
  readonly local: { readonly name: string };
  readonly imported?: { readonly name?: string; readonly value?: string };
}

const nameOf = (identifier: { readonly name?: string; readonly value?: string } | undefined): string =>
  identifier?.name ?? identifier?.value ?? '';

const property = (name: string): string => (/^[\w$]+$/.test(name) ? name : JSON.stringify(name));

/** The declarations that stand for one import, as text. */
function declarations(id: string, specifiers: readonly Specifier[], format: ExternalFormat): string {
  const module = `require(${JSON.stringify(id)})`;
  if (specifiers.length === 0) return `${module};`;
  const named: { readonly imported: string; readonly local: string }[] = [];
  let text = '';
  for (const specifier of specifiers) {
    const local = specifier.local.name;
    if (specifier.type === 'ImportNamespaceSpecifier') {
      text += `const ${local}=${format === 'module' ? module : `(($)=>({__proto__:null,...$,default:$}))(${module})`};`;
      continue;
    }
    const imported = specifier.type === 'ImportDefaultSpecifier' ? 'default' : nameOf(specifier.imported);
    if (imported === 'default' && format === 'commonjs') text += `const ${local}=${module};`;
    else named.push({ imported, local });
  }
  if (named.length === 0) return text;
  const pattern = named.map(({ imported, local }) => `${property(imported)}:${local}`).join(',');
  if (format === 'commonjs') return `${text}const {${pattern}}=${module};`;
  // A bundler would have found the missing ones; here only the module itself can tell.
  const names = JSON.stringify(named.map(({ imported }) => imported));
  return `${text}const {${pattern}}=(($)=>{for(const name of ${names})if(!(name in $))throw new SyntaxError(\`\${${JSON.stringify(JSON.stringify(id))}} has no export named "\${name}"\`);return $})(${module});`;
}

/**
 * Turns a bundle in ES module format into a function body: imports become declarations over `require`, exports what the
 * body returns. Reading only the names that are used matters: the body runs in every agent of every execution, and
 * copying whole namespaces there was measured to cost more than everything else together.
 *
 * @param code as the bundler printed it
 * @param formatOf how each module that is not in the bundle gives its exports
 * @returns the body, with as many lines as `code`, so that its source map stays right; and what must stand before it
 */
export function linkBundle(
  code: string,
  formatOf: (id: string) => ExternalFormat,
): { readonly body: string; readonly imports: string } {
  const { program } = parseSync('bundle.mjs', code, { sourceType: 'module' });
  const edited = new MagicString(code);
  let imports = '';
  const exported: string[] = [];
  const blank = ({ start, end }: Span): void => {
    const lines = code.slice(start, end).split('\n').length - 1;
    edited.overwrite(start, end, `;${'\n'.repeat(lines)}`);
  };
  for (const statement of program.body) {
    if (statement.type === 'ImportDeclaration') {
      imports += declarations(statement.source.value, statement.specifiers, formatOf(statement.source.value));
      blank(statement);
    } else if (statement.type === 'ExportNamedDeclaration') {
      for (const { local, exported: outside } of statement.specifiers) {
        exported.push(`${property(nameOf(outside))}:${nameOf(local)}`);
      }
      blank(statement);
    } else if (statement.type === 'ExportDefaultDeclaration') {
      edited.overwrite(statement.start, statement.declaration.start, 'const $tmDefault=');
      exported.push('default:$tmDefault');
    }
  }
  return { body: `${edited.toString()};return {${exported.join(',')}};`, imports };
}
