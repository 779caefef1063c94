/** Stands for no object. */
const nobody: unknown = Symbol('nobody');

/**
 * The call that instrumented code announced last: the part of `Points` from which shadows learn where they were called.
 * An announcement alone proves nothing, since the callee may not be a shadow, and a shadow may be called under a name that is
 * not announced, or by Node. So an announcement says what is called, and a shadow only accepts its own.
 */
export abstract class AnnouncedCall {
  // Not `#private`: these are written before every call, and writing those costs more.
  /* eslint-disable no-restricted-syntax */
  private announcedSite = 0;
  private whose = nobody;
  private name = '';
  /* eslint-enable no-restricted-syntax */

  at(site: number, whose: unknown, name: string): void {
    this.announcedSite = site;
    this.whose = whose;
    this.name = name;
  }

  placeOf(self: unknown, name: string, callee?: unknown): number {
    const { whose } = this;
    const isOwn = name === this.name ? whose === self : whose === callee && callee !== undefined && this.name === '';
    if (!isOwn) return this.findPlace();
    this.whose = nobody;
    return this.announcedSite;
  }

  /** Where a shadow was called without an announcement; 0 if unknown. */
  protected abstract findPlace(): number;

  /** Forgets what was announced. */
  protected forgetCall(): void {
    this.whose = nobody;
  }
}
