const { Writable } = require('node:stream');

/** A destination that counts the bytes that it gets, and takes a fifth of a second for each chunk. */
module.exports = ({ received }) => {
  const bytes = new Int32Array(received);
  const never = new Int32Array(new SharedArrayBuffer(4));
  return new Writable({
    write(chunk, encoding, callback) {
      bytes[0] += chunk.length;
      Atomics.wait(never, 0, 0, 200);
      callback();
    },
  });
};
