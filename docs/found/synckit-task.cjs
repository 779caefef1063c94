const { runAsWorker } = require('synckit-0.9.1');

runAsWorker(async (n) => n + 1);
