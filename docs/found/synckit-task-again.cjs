const { runAsWorker } = require('synckit-0.9.2');

runAsWorker(async (n) => n + 1);
