import { describe, expect, it } from 'vitest';
import { prepareText } from './prepare-text.js';

const file = '/project/a.ts';
const prepare = (source: string, changes: { file?: string; instrument?: boolean } = {}) =>
  prepareText({ file, source, instrument: true, ...changes });

describe('prepareText', () => {
  it('does the work once for the same text of the same file', () => {
    const first = prepare('export const a: number = b[0];');
    expect(first.transformed?.sites).toHaveLength(1);
    expect(prepare('export const a: number = b[0];')).toBe(first);
  });

  it('does it again for another text, another file, and with or without scheduling points', () => {
    const first = prepare('export const a = 1;');
    const others = [
      prepare('export const a = 2;'),
      prepare('export const a = 1;', { file: '/project/b.ts' }),
      prepare('export const a = 1;', { instrument: false }),
    ];
    for (const other of others) expect(other).not.toBe(first);
    expect(others[2]).toMatchObject({ transformed: undefined, text: { code: 'export const a = 1;', maps: [] } });
    expect(prepare('export const a = 1;').text.code).toBe(first.text.code);
  });

  it('forgets what was used longest ago, and keeps what is used', () => {
    const long = (name: string): string => `export const ${name} = '${'x'.repeat(300_000)}';`;
    const used = prepare(long('used'), { file: '/project/used.ts' });
    const unused = prepare(long('unused'), { file: '/project/unused.ts' });
    for (const name of ['c', 'd', 'e']) {
      prepare(long(name), { file: `/project/${name}.ts` });
      expect(prepare(long('used'), { file: '/project/used.ts' })).toBe(used);
    }
    expect(prepare(long('unused'), { file: '/project/unused.ts' })).not.toBe(unused);
  });
});
