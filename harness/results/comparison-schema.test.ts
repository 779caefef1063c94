import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { comparisonSchema, comparisonSchemaVersion } from './comparison-schema.js';

const readme = readFileSync(new URL('../../results/README.md', import.meta.url), 'utf8');

function fieldsOf(schema: unknown, fields = new Set<string>()): Set<string> {
  if (typeof schema !== 'object' || schema === null) return fields;
  if ('properties' in schema) for (const name of Object.keys(schema.properties as object)) fields.add(name);
  for (const nested of Object.values(schema)) fieldsOf(nested, fields);
  return fields;
}

it('has every field described in results/README.md, and its version', () => {
  const fields = fieldsOf(comparisonSchema.toJSONSchema());
  expect(fields.size).toBeGreaterThan(60);
  expect([...fields].filter((field) => !readme.includes(`\`${field}\``))).toEqual([]);
  expect(readme).toContain(`\`threadmill/comparison\`, \`version\` is ${comparisonSchemaVersion}`);
});
