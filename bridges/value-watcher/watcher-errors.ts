/** The watcher was closed: what waited for it will not happen, and nothing more can be set through it. */
export class WatcherClosed extends Error {
  override readonly name = 'WatcherClosed';
}

/**
 * The log of transitions is full, because an agent that watches has not come round to its event loop for so many of them.
 * Nothing was changed. It passes as soon as that agent has caught up.
 */
export class WatcherLagging extends Error {
  override readonly name = 'WatcherLagging';
}

/** The value takes more bytes than the watched value has room for. Nothing was changed. */
export class WatchedValueTooLarge extends RangeError {
  override readonly name = 'WatchedValueTooLarge';
}

/** A follower has let more transitions wait than it may, and has been left behind: from here on it has missed some. */
export class FollowerOverrun extends Error {
  override readonly name = 'FollowerOverrun';
}
