import { wordAt } from '../../../trace/memory-words.js';
import { elementById } from '../data.js';
import { element } from './elements.js';
import { laneColor, type Steps } from './steps.js';

/** Lines of source shown around the one that is marked. */
const contextLines = 6;

/** Describes the current step: what happens, why the turn is there, what it leads to, and its source. */
export class StepCard {
  readonly #steps: Steps;
  readonly #goTo: (row: number) => void;
  readonly #failure: string;

  constructor(steps: Steps, goTo: (row: number) => void) {
    this.#steps = steps;
    this.#goTo = goTo;
    this.#failure = document.getElementById('failure')?.textContent.trim() ?? '';
  }

  /** @param first the first row of the step, if it covers several */
  show(first: number, last: number): void {
    const { model } = this.#steps;
    const row = model.rows[last]!;
    const who = model.lanes[row.lane]!.name;
    const what = first < last ? this.#steps.foldOf(last)!.text : this.#operationText(last);
    const line = element('div', { class: 'current-line' }, [
      element('span', { class: 'position' }, [`${last + 1} / ${model.rows.length}`]),
      element('span', { class: 'who' }, [who]),
      ` ${what}`,
      this.#remarks(first, last),
    ]);
    line.style.setProperty('--color', laneColor(row.lane));
    elementById('current').replaceChildren(line);
    const source = elementById('source');
    source.replaceChildren(...(first < last ? [] : this.#source(last)));
    source.style.setProperty('--color', laneColor(row.lane));
    elementById('announcement').textContent = [
      `Step ${row.step}, ${who}: ${what}.`,
      ...this.#sentences(first, last),
    ].join(' ');
  }

  #operationText(index: number): string {
    const { operation, location, value, isOutward } = this.#steps.model.rows[index]!;
    const arrow = isOutward ? '←' : '→';
    return [operation, location, value === undefined ? undefined : `${arrow} ${value}`]
      .filter((part) => part !== undefined)
      .join(' ');
  }

  /** Sentences about the step, besides the operation itself. */
  #sentences(first: number, last: number): string[] {
    const { model } = this.#steps;
    const { turn, before, word } = model.rows[first]!;
    const sentences: string[] = [];
    const previous = before === undefined ? 'Another agent' : model.lanes[before]!.name;
    if (turn === 'preemption') sentences.push(`Preemption: ${previous} could have continued.`);
    else if (turn === 'yield' && before !== undefined) sentences.push(`${previous} yielded.`);
    else if (turn === 'blocked' && before !== undefined) sentences.push(`${previous} could not continue.`);
    const touched = word === undefined || first < last ? undefined : model.words[word];
    if (touched !== undefined) {
      const [was, is] = [wordAt(touched, first - 1), wordAt(touched, last)].map((value) => value ?? 'unknown');
      if (was !== is) sentences.push(`${touched.location} was ${was!}, is ${is!}.`);
    }
    if (this.#isFailed(last)) sentences.push(this.#failure);
    return sentences;
  }

  /** Whether the execution failed at this row. A failure at the end is shown with the last row. */
  #isFailed(last: number): boolean {
    const { brokenRow, rows } = this.#steps.model;
    return last === (brokenRow ?? rows.length - 1);
  }

  #remarks(first: number, last: number): HTMLElement {
    const { rows, arrows, blocked } = this.#steps.model;
    const isPreemption = rows[first]!.turn === 'preemption';
    const items = this.#sentences(first, last).map((sentence, index) => {
      const name = sentence === this.#failure ? 'failed' : isPreemption && index === 0 ? 'preempted' : '';
      return element('li', name === '' ? {} : { class: name }, [sentence]);
    });
    for (const { kind, from, to } of arrows) {
      if (from === last) items.push(this.#link(kind === 'message' ? 'Delivered at' : 'Wakes', to, kind === 'wake-up'));
      if (to === last) items.push(this.#link(kind === 'message' ? 'Sent at' : 'Woken by', from, kind === 'wake-up'));
    }
    if (blocked.some(({ from, to }) => from === last && to === null)) items.push(element('li', {}, ['Never returns.']));
    return element('ul', { class: 'remarks' }, items);
  }

  #link(text: string, row: number, isByName: boolean): HTMLElement {
    const { rows, lanes } = this.#steps.model;
    const { step, lane } = rows[row]!;
    const button = element('button', { type: 'button' }, [
      isByName ? `${lanes[lane]!.name}, step ${step}` : `step ${step}`,
    ]);
    button.addEventListener('click', () => {
      this.#goTo(row);
    });
    return element('li', {}, [`${text} `, button]);
  }

  #source(index: number): HTMLElement[] {
    const { rows, sources } = this.#steps.model;
    const { place, line, source, sourceIndex } = rows[index]!;
    if (place === undefined || line === undefined) return [];
    const found = sourceIndex === undefined ? undefined : sources[sourceIndex];
    if (found === undefined && source === undefined) return [element('h3', {}, [place])];
    const numbers: number[] = [];
    for (let number = line - contextLines; number <= line + contextLines; number++) {
      if (number === line || found?.lines[number] !== undefined) numbers.push(number);
    }
    const texts = withoutIndent(numbers.map((number) => found?.lines[number] ?? source ?? ''));
    const lines = numbers.map((number, at) => {
      const text = texts[at]!;
      // An empty line still needs its height.
      const shown = text === '' ? ' ' : text;
      return element('span', { class: number === line ? 'line marked' : 'line', 'data-number': String(number) }, [
        shown,
      ]);
    });
    return [element('h3', {}, [found === undefined ? place : `${found.file}:${line}`]), element('pre', {}, lines)];
  }
}

/** Removes the indentation that all lines share, because there is little room. */
function withoutIndent(lines: readonly string[]): string[] {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^\s*/.exec(line)![0].length);
  return lines.map((line) => line.slice(Math.min(...indents)).trimEnd());
}
