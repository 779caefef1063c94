export { Actor, type ActorOptions, type ServeOptions, type StopOptions } from './actor.js';
export { ActorRef } from './actor-ref.js';
export { Connection, type ConnectionOptions } from './connection.js';
export { ActorStopped } from './errors.js';
export { PublishedActor, type PublishedActorMessage } from './published.js';
export { publishedConnect, PublishedConnectionManager } from './published-connection.js';
