import type { Flow } from '../../../trace/flows.js';
import { laneColor, type Steps } from './steps.js';

interface Point {
  readonly x: number;
  readonly y: number;
}

const namespace = 'http://www.w3.org/2000/svg';
const headPixels = 7;
/** How far arrows stay away from the middle of a dot. */
const clearPixels = 8;

/** Draws the lines between operations: turns, blocked agents, messages and wake-ups. */
export class Drawing {
  readonly #steps: Steps;
  readonly #svg: SVGSVGElement;
  readonly #arrows = new Map<Flow, SVGPathElement>();

  constructor(steps: Steps, board: HTMLElement) {
    this.#steps = steps;
    this.#svg = document.createElementNS(namespace, 'svg');
    this.#svg.classList.add('drawing');
    this.#svg.setAttribute('aria-hidden', 'true');
    board.prepend(this.#svg);
  }

  /** Redraws everything at the current positions of the rows. */
  draw(): void {
    const points = this.#measure();
    this.#svg.replaceChildren(this.#arrowHead());
    this.#arrows.clear();
    this.#drawSleep(points);
    this.#drawTurns(points);
    this.#drawArrows(points);
    this.highlight();
  }

  /** Marks the arrows that begin or end at the current row. */
  highlight(): void {
    for (const [{ from, to }, path] of this.#arrows) {
      path.classList.toggle('current', from === this.#steps.row || to === this.#steps.row);
    }
  }

  /** The middle of each row's dot. A row in a closed fold has the position of the fold. */
  #measure(): readonly Point[] {
    const { model } = this.#steps;
    const origin = this.#svg.getBoundingClientRect();
    return model.rows.map((_, row) => {
      const dot = this.#steps.itemOf(row).querySelector('.dot')!.getBoundingClientRect();
      return { x: dot.left + dot.width / 2 - origin.left, y: dot.top + dot.height / 2 - origin.top };
    });
  }

  #drawTurns(points: readonly Point[]): void {
    const { rows } = this.#steps.model;
    let start = 0;
    for (let row = 1; row <= rows.length; row++) {
      const lane = rows[start]!.lane;
      if (rows[row]?.lane === lane) continue;
      const first = points[start]!;
      const last = points[row - 1]!;
      if (last.y > first.y) {
        this.#path('run', `M${at(first)}L${at(last)}`).style.stroke = laneColor(lane);
      }
      const next = points[row];
      if (next !== undefined) {
        const turn = rows[row]?.turn === 'preemption' ? 'handover preempted' : 'handover';
        const middleY = (last.y + next.y) / 2;
        this.#path(turn, `M${at(last)}V${middleY}H${next.x}V${next.y}`);
      }
      start = row;
    }
  }

  #drawSleep(points: readonly Point[]): void {
    for (const { lane, from, to } of this.#steps.model.blocked) {
      const { x, y } = points[from]!;
      const endY = to === null ? this.#svg.clientHeight : points[to]!.y;
      this.#path('asleep', `M${at({ x, y })}V${endY}`).style.stroke = laneColor(lane);
    }
  }

  #drawArrows(points: readonly Point[]): void {
    for (const arrow of this.#steps.model.arrows) {
      const from = points[arrow.from]!;
      const to = points[arrow.to]!;
      if (from.y === to.y) continue;
      const path = this.#path(`arrow ${arrow.kind}`, this.#curve(arrow, from, to));
      path.setAttribute('marker-end', 'url(#arrow-head)');
      this.#arrows.set(arrow, path);
    }
  }

  /** From one dot to the other, leaving and arriving sideways, and clear of the texts in the lanes. */
  #curve(arrow: Flow, from: Point, to: Point): string {
    const isOwnLane = Math.abs(from.x - to.x) < 1;
    const isRightward = !isOwnLane && to.x > from.x;
    const texts = { from: this.#textEnd(arrow.from), to: this.#textEnd(arrow.to) };
    let startX = from.x + (isRightward ? clearPixels : -clearPixels);
    let endX = to.x - clearPixels;
    if (isRightward && texts.from < endX - clearPixels) startX = texts.from + clearPixels / 2;
    if (!isRightward && !isOwnLane) {
      endX = to.x + clearPixels;
      if (texts.to < startX - clearPixels) endX = texts.to + clearPixels / 2;
    }
    const reach = isOwnLane ? 14 : Math.max(4, Math.min(60, Math.abs(endX - startX) / 2));
    const leaveX = startX + (isRightward ? reach : -reach);
    const arriveX = endX + (isRightward || isOwnLane ? -reach : reach);
    return `M${at({ x: startX, y: from.y })}C${at({ x: leaveX, y: from.y })} ${at({ x: arriveX, y: to.y })} ${at({ x: endX, y: to.y })}`;
  }

  /** The right end of a row's text. */
  #textEnd(row: number): number {
    const text = this.#steps.itemOf(row).querySelector('.what')!;
    const range = document.createRange();
    range.selectNodeContents(text);
    const end = Math.min(range.getBoundingClientRect().right, text.getBoundingClientRect().right);
    return end - this.#svg.getBoundingClientRect().left;
  }

  #path(name: string, description: string): SVGPathElement {
    const path = document.createElementNS(namespace, 'path');
    path.setAttribute('class', name);
    path.setAttribute('d', description);
    this.#svg.append(path);
    return path;
  }

  #arrowHead(): SVGElement {
    const definitions = document.createElementNS(namespace, 'defs');
    const marker = document.createElementNS(namespace, 'marker');
    for (const [name, value] of Object.entries({
      id: 'arrow-head',
      viewBox: '0 0 8 8',
      refX: '7',
      refY: '4',
      markerWidth: String(headPixels),
      markerHeight: String(headPixels),
      markerUnits: 'userSpaceOnUse',
      orient: 'auto',
    })) {
      marker.setAttribute(name, value);
    }
    const head = document.createElementNS(namespace, 'path');
    head.setAttribute('d', 'M0 0L8 4L0 8z');
    head.setAttribute('class', 'arrow-head');
    marker.append(head);
    definitions.append(marker);
    return definitions;
  }
}

function at({ x, y }: Point): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}
