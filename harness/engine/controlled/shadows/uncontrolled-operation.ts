/** Thrown by an operation whose outcome the engine cannot control. */
export class UncontrolledOperation extends Error {
  override readonly name = 'UncontrolledOperation';
}
