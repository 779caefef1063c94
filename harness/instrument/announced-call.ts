/** Stands for nobody. */
const nobody: unknown = Symbol('nobody');

/**
 * The call that instrumented code has announced last: the part of `Points` by which shadows learn where they were called.
 * An announcement alone proves nothing, since what is called may be no shadow, and a shadow may be called by a name that
 * nobody has announced, or by Node: so it says whose call it is, and shadows believe those that are theirs.
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

  /** Where a shadow was called that nobody announced; 0 if that cannot be told. */
  protected abstract findPlace(): number;

  /** Forgets what was announced. */
  protected forgetCall(): void {
    this.whose = nobody;
  }
}
