export * from './immutable-snapshot.js';
export * from './version-pool.js';
