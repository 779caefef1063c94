/** The actor has stopped and takes no more requests. The request that was rejected with this was not handled. */
export class ActorStopped extends Error {
  override readonly name = 'ActorStopped';
}
