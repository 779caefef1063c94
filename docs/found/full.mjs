import { Writable } from 'node:stream';

/** A destination that fails at once, as on a full disk. */
export default () => new Writable({ write: (chunk, encoding, callback) => callback(new Error('disk full')) });
