/** An execution needs more of something than it may have. */
export class LimitExceeded extends RangeError {}
