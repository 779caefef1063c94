/** The npm package a file belongs to: the one of the innermost node_modules folder; undefined for a file of the project's own. */
export function packageName(file: string): string | undefined {
  const parts = file.split(/[\\/]/);
  const index = parts.lastIndexOf('node_modules');
  const first = parts[index + 1];
  if (index === -1 || first === undefined) return undefined;
  return first.startsWith('@') ? `${first}/${parts[index + 2] ?? ''}` : first;
}
