import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { watchOutput } from './watch-output.js';

class Stream extends EventEmitter {
  text = '';

  write(text: string): void {
    this.text += text;
  }

  fail(code: string): void {
    this.emit('error', Object.assign(new Error(`${code}: no more, write`), { code }));
  }
}

describe('a stream that takes no more', () => {
  it.each(['ENOSPC', 'EIO', 'EFBIG'])('is told of once, on one line, when it is stdout (%s)', (code) => {
    const [stdout, stderr] = [new Stream(), new Stream()];
    const watch = watchOutput(stdout, stderr);
    expect(watch.hasFailed).toBe(false);
    stdout.fail(code);
    stdout.fail('ERR_STREAM_DESTROYED');
    expect(watch.hasFailed).toBe(true);
    expect(stderr.text).toMatch(new RegExp(`^error: Cannot write to stdout: ${code}: .*\\n$`));
  });

  it('counts, and is told of nowhere, when it is stderr', () => {
    const [stdout, stderr] = [new Stream(), new Stream()];
    const watch = watchOutput(stdout, stderr);
    stderr.fail('ENOSPC');
    expect(watch.hasFailed).toBe(true);
    expect(stdout.text).toBe('');
  });

  it('is no failure if nobody reads any more', () => {
    const [stdout, stderr] = [new Stream(), new Stream()];
    const watch = watchOutput(stdout, stderr);
    stdout.fail('EPIPE');
    stderr.fail('EPIPE');
    expect(watch.hasFailed).toBe(false);
    expect(stderr.text).toBe('');
  });
});
