import type { Channel } from '../bridge.js';

/** Lets a worker ask a published actor, or a stage, on the main agent: one question after another, as messages. */
export interface PublishedCaller {
  ask(question: unknown): Promise<unknown>;
}

/**
 * The printed queues do not reach into workers, so each question is a message to the main agent, and its answer one back. The
 * first waits until the main agent listens: an earlier one would be lost, which is not a fault of the printed code.
 */
export function publishedCaller(main: Channel): PublishedCaller {
  let isReady = false;
  return {
    ask: async (question) => {
      if (!isReady) await nextMessage(main);
      isReady = true;
      const answer = nextMessage(main);
      main.postMessage(question);
      return answer;
    },
  };
}

/** Answers each question of a worker. */
export function answerPublishedCalls(worker: Channel, answer: (question: unknown) => Promise<unknown>): void {
  const reply = async (question: unknown): Promise<void> => worker.postMessage(await answer(question));
  worker.on('message', (question) => void reply(question));
  worker.postMessage('ready');
}

function nextMessage(channel: Channel): Promise<unknown> {
  return new Promise((resolve) => {
    const listener = (message: unknown): void => {
      channel.off('message', listener);
      resolve(message);
    };
    channel.on('message', listener);
  });
}
