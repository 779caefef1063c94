export * from './dictionary-errors.js';
export * from './shared-dictionary.js';
