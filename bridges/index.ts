export * from './mutex.js';
export * from './sequence-lock.js';
