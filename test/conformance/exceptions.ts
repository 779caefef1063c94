import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Tests that may fail instrumented though they pass bare, each with the reason. */
export function readExceptions(): ReadonlyMap<string, string> {
  const file = path.resolve('test/conformance/exceptions.json');
  return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>));
}
