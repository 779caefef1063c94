export { TaskCancelled, TaskGroupEnded, TaskGroupFailed } from './errors.js';
export { publishedFetchAndAppend, publishedGather } from './published.js';
export { taskGroup, type Task, type TaskGroup } from './task-group.js';
