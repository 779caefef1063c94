export { AsyncEvent } from './async-event.js';
