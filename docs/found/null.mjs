import { Writable } from 'node:stream';

/** A destination that takes everything. */
export default () => new Writable({ write: (chunk, encoding, callback) => callback() });
