import type { CampaignEvent } from '../results/events.js';

type Emit = (event: CampaignEvent) => void;

/**
 * Tells what scenarios that run side by side have to tell as if they had run one after another: the first that is not
 * finished is heard as it speaks, those after it once it is their turn. What they say of their progress until then is
 * dropped.
 */
export class InOrder {
  readonly #emit: Emit;
  readonly #waiting = new Map<number, CampaignEvent[]>();
  readonly #finished = new Set<number>();
  #turn = 0;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** How the scenario at this place of the list tells its events. */
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

  /** The scenario at this place has nothing more to say. */
  finish(place: number): void {
    this.#finished.add(place);
    while (this.#finished.has(this.#turn)) {
      this.#turn++;
      this.#release(this.#turn);
    }
  }

  /** Tells what is still waiting, in order: nothing more will come. */
  end(): void {
    for (const place of [...this.#waiting.keys()].sort((one, other) => one - other)) this.#release(place);
  }

  #release(place: number): void {
    const events = this.#waiting.get(place) ?? [];
    this.#waiting.delete(place);
    for (const event of events) this.#emit(event);
  }
}
