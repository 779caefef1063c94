import type { CampaignEvent } from '../results/events.js';

type Emit = (event: CampaignEvent) => void;

/**
 * Emits the events of scenarios that run side by side as if they had run one after another: those of the first unfinished
 * scenario immediately, those of later ones when it is their turn. Progress events of later ones are dropped until then.
 */
export class InOrder {
  readonly #emit: Emit;
  readonly #waiting = new Map<number, CampaignEvent[]>();
  readonly #finished = new Set<number>();
  #turn = 0;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** The function with which the scenario at this place of the list emits its events. */
  emitterOf(place: number): Emit {
    return (event) => {
      if (place <= this.#turn) this.#emit(event);
      else if (event.kind !== 'progress') this.#waitingOf(place).push(event);
    };
  }

  #waitingOf(place: number): CampaignEvent[] {
    const known = this.#waiting.get(place);
    if (known !== undefined) return known;
    const events: CampaignEvent[] = [];
    this.#waiting.set(place, events);
    return events;
  }

  /** The scenario at this place emits nothing more. */
  finish(place: number): void {
    this.#finished.add(place);
    while (this.#finished.has(this.#turn)) {
      this.#turn++;
      this.#release(this.#turn);
    }
  }

  /** Emits all events that are still waiting, in order: no more will come. */
  end(): void {
    for (const place of [...this.#waiting.keys()].sort((one, other) => one - other)) this.#release(place);
  }

  #release(place: number): void {
    const events = this.#waiting.get(place) ?? [];
    this.#waiting.delete(place);
    for (const event of events) this.#emit(event);
  }
}
