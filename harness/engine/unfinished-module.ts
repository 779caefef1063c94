/** A module of a scenario awaits something, at its top level, that cannot happen before an execution begins. */
export class UnfinishedModule extends Error {
  override readonly name = 'UnfinishedModule';

  /** @param place where it waits, if that is known */
  constructor(place: string | undefined) {
    super(
      `${place ?? 'top level'}: this top-level await never ends, or waits for another agent or for real input or output. ` +
        'Before an execution begins, only promises and timers settle. Move it into store, run, or a function they call, or read files with readFileSync.',
    );
  }
}
