const workerpool = require('workerpool-10.0.2');

workerpool.worker({
  add: (a, b) => a + b,
  slow() {
    this.worker.addAbortListener(async () => undefined);
    return new Promise(() => undefined);
  },
});
