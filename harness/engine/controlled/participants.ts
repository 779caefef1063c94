import { executionEnded } from '../../kernel/execution-ended.js';
import type { Kernel } from '../../kernel/kernel.js';
import * as at from '../../kernel/layout.js';
import { operationCodes } from '../../kernel/operations.js';
import type { ReaderContext } from '../../scenario/define.js';
import type { History, Participant, PendingWrite } from '../../scenario/history.js';
import type { GivenToParticipants } from '../given-to-participants.js';
import type { AgentPoints } from './agent-points.js';
import { resourceOf } from './describe-task.js';
import type { EventLoop } from './event-loop.js';
import type { HistoryLog } from './history-log.js';

/** Only the stress engine watches depths. */
const watchNothing = (): void => undefined;

/** The argument of one writer or reader. A class, because an accessor in an object literal is slow to define. */
class ParticipantContext implements ReaderContext<Record<string, unknown>, unknown> {
  readonly store: unknown;
  readonly params: Readonly<Record<string, unknown>>;
  readonly writers: number;
  readonly readers: number;
  readonly index: number;
  readonly history: History;
  readonly pause: () => Promise<void>;
  readonly watch = watchNothing;
  readonly #workers: () => ReaderContext<unknown, unknown>['workers'];

  constructor(
    index: number,
    given: GivenToParticipants,
    history: History,
    pause: () => Promise<void>,
    workers: () => ReaderContext<unknown, unknown>['workers'],
  ) {
    this.store = given.store;
    this.params = given.params;
    this.writers = given.writers;
    this.readers = given.readers;
    this.index = index;
    this.history = history;
    this.pause = pause;
    this.#workers = workers;
  }

  get workers(): ReaderContext<unknown, unknown>['workers'] {
    return this.#workers();
  }
}

/** Makes what the writers and readers of one agent are given: their pauses and their history are operations of the execution. */
export class Participants {
  readonly #kernel: Kernel;
  readonly #points: AgentPoints;
  readonly #loop: EventLoop;
  readonly #history: HistoryLog;
  readonly #judgeNow: () => void;

  /** @param judgeNow called after each event of the history. May end the execution */
  constructor(kernel: Kernel, points: AgentPoints, loop: EventLoop, history: HistoryLog, judgeNow: () => void) {
    this.#kernel = kernel;
    this.#points = points;
    this.#loop = loop;
    this.#history = history;
    this.#judgeNow = judgeNow;
  }

  /** The argument of a writer or reader. */
  contextFor(
    participant: Participant,
    given: GivenToParticipants,
    workers: () => ReaderContext<unknown, unknown>['workers'],
  ): ReaderContext<Record<string, unknown>, unknown> {
    const pauseAt = (site: number): Promise<void> => this.#pause(participant, site);
    const points = this.#points;
    const pause = function (this: unknown): Promise<void> {
      return pauseAt(points.placeOf(this, 'pause', pause));
    };
    return new ParticipantContext(participant.index, given, this.#historyFor(participant), pause, workers);
  }

  #pause(participant: Participant, site: number): Promise<void> {
    const resource = resourceOf(participant);
    this.#points.point(site);
    this.#points.note(operationCodes.pause, site, resource, 0, 0, false);
    return new Promise((resume) => {
      this.#loop.addCoroutine({ site, resource, rounds: this.#points.watch.current, run: resume });
    });
  }

  #historyFor(participant: Participant): History {
    const execution = this.#kernel.words[at.EXECUTION];
    const append = (
      kind: 'writeBegan' | 'writeAcknowledged' | 'read',
      write: number,
      value: unknown,
      site: number,
    ): number => {
      this.#kernel.throwIfEnded();
      if (this.#kernel.words[at.EXECUTION] !== execution) throw executionEnded;
      const number = this.#history.append(kind, participant, write, value);
      const operation =
        kind === 'read'
          ? operationCodes['history.read']
          : kind === 'writeBegan'
            ? operationCodes['history.write']
            : operationCodes['history.acknowledge'];
      const entry = this.#kernel.words[at.HISTORY_COUNT]! - 1;
      this.#points.remark(operation, site, resourceOf(participant), entry, this.#history.lastFingerprint);
      this.#judgeNow();
      return number;
    };
    const points = this.#points;
    const begin = (write: number): PendingWrite => {
      let isAcknowledged = false;
      const acknowledge = (result?: unknown): void => {
        const site = points.placeOf(begun, 'acknowledge', acknowledge);
        if (isAcknowledged) throw new Error('this write has already been acknowledged');
        isAcknowledged = true;
        append('writeAcknowledged', write, result, site);
      };
      const begun: PendingWrite = { acknowledge };
      return begun;
    };
    const write = (value?: unknown): PendingWrite =>
      begin(append('writeBegan', 0, value, points.placeOf(history, 'write', write)));
    const read = (value: unknown): void => {
      append('read', 0, value, points.placeOf(history, 'read', read));
    };
    const history: History = { write, read };
    return history;
  }
}
