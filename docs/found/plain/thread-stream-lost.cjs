// Bytes that thread-stream loses, in plain Node: node plain/thread-stream-lost.cjs
const path = require('node:path');
const process = require('node:process');
const { MessageChannel } = require('node:worker_threads');
const ThreadStream = require(process.argv[2] ?? 'thread-stream-4.2.1');

const received = new SharedArrayBuffer(4);
const filename = path.join(__dirname, 'slow.cjs');
const stream = new ThreadStream({ filename, workerData: { received }, sync: false, bufferSize: 8 });
const { port1, port2 } = new MessageChannel();

stream.once('ready', () => {
  stream.write('123456789abc'); // more than the buffer holds: a flush waits for the worker
  setImmediate(() => setImmediate(() => port1.postMessage('go on')));
});

port2.on('message', () => {
  stream.flushSync();
  stream.write('d');
  setTimeout(() => stream.write('e'), 60);
  setTimeout(() => stream.write('fgh'), 350);
  setTimeout(() => {
    stream.end();
    port1.close();
  }, 1_500);
});

stream.on('error', (error) => console.error(error));
stream.on('close', () => console.log(`received ${new Int32Array(received)[0]} of 17 bytes`));
