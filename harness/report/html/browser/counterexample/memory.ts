import { lastChange, wordAt, type MemoryWord } from '../../../trace/memory-words.js';
import { elementById } from '../data.js';
import { element } from './elements.js';
import { laneColor, type Steps } from './steps.js';

const longValueLength = 7;

/** The words of shared memory at the current row. */
export class Memory {
  readonly #steps: Steps;
  readonly #cells: readonly HTMLElement[];
  /** What each cell shows, to write only what changes. */
  readonly #shown: string[] = [];

  constructor(steps: Steps) {
    this.#steps = steps;
    const { words } = steps.model;
    this.#cells = words.map((word) =>
      element('div', { class: `word${isLong(word) ? ' long' : ''}`, 'data-location': word.location }),
    );
    if (words.length === 0) return;
    const buffers = new Map<string, number[]>();
    for (const [index, { buffer }] of words.entries()) buffers.set(buffer, [...(buffers.get(buffer) ?? []), index]);
    elementById('words').append(
      ...[...buffers].map(([buffer, indices]) =>
        element('div', {}, [
          element('h3', {}, [`shared memory ${buffer}`]),
          element(
            'div',
            { class: 'buffer' },
            indices.map((index) => this.#cells[index]!),
          ),
        ]),
      ),
    );
  }

  /** @param first the first row of the step, if it covers several */
  show(first: number, last: number): void {
    const { model } = this.#steps;
    let changed: HTMLElement | undefined;
    for (const [index, word] of model.words.entries()) {
      const before = wordAt(word, first - 1);
      const now = wordAt(word, last);
      const change = lastChange(word, last);
      const isChanged = change !== undefined && change.place >= first;
      const touching = model.rows.slice(first, last + 1).find((row) => row.word === index);
      const key = [before, now, isChanged, touching?.lane, change?.place].join('|');
      if (this.#shown[index] === key) continue;
      this.#shown[index] = key;
      const cell = this.#cells[index]!;
      const changer = change?.isOwn === true ? model.rows[change.place]!.lane : undefined;
      cell.classList.toggle('unknown', now === null);
      cell.classList.toggle('changed', isChanged);
      cell.classList.toggle('touched', touching !== undefined && !isChanged);
      cell.style.setProperty('--color', changer === undefined ? 'var(--line)' : laneColor(changer));
      if (touching !== undefined) cell.style.setProperty('--toucher', laneColor(touching.lane));
      cell.title = this.#history(word, last);
      const was = isChanged ? [element('s', {}, [before ?? '?']), ' '] : [];
      cell.replaceChildren(
        element('small', {}, [word.element === '' ? word.location : word.element]),
        element('b', {}, [...was, now ?? '?']),
      );
      if (isChanged) changed ??= cell;
    }
    if (changed !== undefined) this.#reveal(changed);
  }

  /** Scrolls only the list of words: the page itself follows the operations. */
  #reveal(cell: HTMLElement): void {
    const box = cell.closest('.memory')!;
    const isSeen =
      cell.offsetTop >= box.scrollTop && cell.offsetTop + cell.offsetHeight <= box.scrollTop + box.clientHeight;
    if (!isSeen) box.scrollTop = cell.offsetTop - box.clientHeight / 2;
  }

  /** Such as `#0[3] is 7 since step 4, by writer 0`. */
  #history(word: MemoryWord, last: number): string {
    const { rows, lanes } = this.#steps.model;
    const now = wordAt(word, last);
    const change = lastChange(word, last);
    const is = now === null ? `${word.location}: the trace does not show` : `${word.location} is ${now}`;
    if (change === undefined) return now === null ? `${is} its value before the first write` : `${is} from the start`;
    const row = rows[change.place]!;
    if (!change.isOwn) return `${is} at step ${row.step}; the trace does not show what changed it`;
    const left = now === null ? ' its value' : '';
    return `${is}${left} since step ${row.step}, by ${lanes[row.lane]!.name}`;
  }
}

/** Whether a word ever has a value that needs more room than most. */
function isLong({ initial, changes }: MemoryWord): boolean {
  return [initial, ...changes.map(({ value }) => value)].some((value) => (value ?? '').length > longValueLength);
}
