/** What replaces modules, which a bundle cannot do. */
export const moduleMocks = [
  'mock',
  'doMock',
  'unmock',
  'doUnmock',
  'importActual',
  'importMock',
  'resetModules',
] as const;

/** What messages say of them. */
export const mockRemedy = (name: string): string =>
  `vi.${name} is not available under threadmill test: pass the module's replacement as an argument, or use vi.spyOn on the object`;

/** Every snapshot matcher of vitest. */
export const snapshotMatchers = [
  'toMatchSnapshot',
  'toMatchInlineSnapshot',
  'toMatchFileSnapshot',
  'toThrowErrorMatchingSnapshot',
  'toThrowErrorMatchingInlineSnapshot',
] as const;

/** What messages say of them. */
export const snapshotRemedy =
  'snapshots are not available under threadmill test: compare with toEqual, or leave the test out with "// threadmill: skip"';
