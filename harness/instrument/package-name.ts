/** The npm package of a file: the one in the innermost node_modules folder; undefined for one of the project's own files. */
export function packageName(file: string): string | undefined {
  const parts = file.split(/[\\/]/);
  const index = parts.lastIndexOf('node_modules');
  const first = parts[index + 1];
  if (index === -1 || first === undefined) return undefined;
  return first.startsWith('@') ? `${first}/${parts[index + 2] ?? ''}` : first;
}
