/** The watcher was closed: the awaited change will not come, and nothing more can be set through it. */
export class WatcherClosed extends Error {
  override readonly name = 'WatcherClosed';
}

/**
 * The log of transitions is full, because a watching agent has not got to its event loop for that many of them. Nothing was
 * changed. There is room again as soon as that agent has caught up.
 */
export class WatcherLagging extends Error {
  override readonly name = 'WatcherLagging';
}

/** The value takes more bytes than the watched value has room for. Nothing was changed. */
export class WatchedValueTooLarge extends RangeError {
  override readonly name = 'WatchedValueTooLarge';
}

/** A follower has more waiting transitions than it may have, and was left behind: from here on it has missed some. */
export class FollowerOverrun extends Error {
  override readonly name = 'FollowerOverrun';
}
