// A task that node-worker-threads-pool loses, in plain Node.
const process = require('node:process');
const { DynamicPool } = require('node-worker-threads-pool');

const pool = new DynamicPool(1);
const begin = () => {
  pool.exec({ task: () => 1, timeout: 10 }).catch((error) => console.log(`first task: ${error.message}`));
  pool.exec({ task: () => 2 }).then((result) => console.log(`second task: ${result}`));
  // The main thread is busy: when it is done, both the time-out and the result of the first task are there.
  const end = Date.now() + 200;
  while (Date.now() < end);
  setTimeout(() => {
    console.log('second task: nothing in two seconds');
    process.exit();
  }, 2_000);
};
setTimeout(() => setImmediate(begin), 500);
