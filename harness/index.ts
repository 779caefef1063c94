export * from './authoring.js';
export * from './campaign/api.js';
