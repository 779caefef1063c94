/*
 * Where the entry files of the harness's own processes and threads are: beside the file that starts them. The harness runs
 * from its sources too; only the build bundles threads, and as CommonJS, which a thread loads more quickly.
 */

const isSource = (from: string): boolean => from.endsWith('.ts');

/** The entry file of a process. @param from `import.meta.url` of the file that starts it */
export function processFile(name: string, from: string): URL {
  return new URL(`./${name}.${isSource(from) ? 'ts' : 'js'}`, from);
}

/** The entry file of a thread. @param from `import.meta.url` of the file that starts it */
export function threadFile(name: string, from: string): URL {
  return new URL(`./${name}.${isSource(from) ? 'ts' : 'cjs'}`, from);
}
