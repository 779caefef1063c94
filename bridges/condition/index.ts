export { AsyncCondition } from './async-condition.js';
