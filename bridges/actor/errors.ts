/** The actor has stopped, and takes no more requests. The one that was rejected with this has not been handled. */
export class ActorStopped extends Error {
  override readonly name = 'ActorStopped';
}
