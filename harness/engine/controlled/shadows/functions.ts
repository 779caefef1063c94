/** Text that may contain an import(). */
const mayImport = /\bimport\s*\(/g;

/**
 * `Function` as the program sees it. Packages make functions of the text `return import(name)`, so that compilers leave it as it is;
 * V8 would give such an import() to Node, which knows nothing of the program's modules.
 *
 * @param importLater what import() does in such a function
 */
export function shadowFunction(importLater: (specifier: unknown) => Promise<unknown>): FunctionConstructor {
  const make = (real: FunctionConstructor, texts: readonly unknown[]): unknown => {
    const body = texts.map(String).at(-1) ?? '';
    if (body.search(mayImport) === -1) return real(...texts.map(String));
    const parameters = texts.slice(0, -1).map(String).join(',');
    const text = body.replaceAll(mayImport, '$tmImport(');
    const outer = real('$tmImport', `return function anonymous(${parameters}\n) {\n${text}\n}`);
    return (outer as (given: typeof importLater) => unknown)(importLater);
  };
  return new Proxy(Function, {
    apply: (real, _, texts: unknown[]) => make(real, texts),
    construct: (real, texts: unknown[]) => make(real, texts) as object,
  });
}
