const tolerated = 1_024;

/** A first-in first-out list. Unlike an array, it stays fast to take from when it holds a hundred thousand items. */
export class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  /** Where the first item is: those before it have been taken. */
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Takes the first item. There must be one. */
  shift(): Item {
    const item = this.#items[this.#first] as Item;
    this.#items[this.#first++] = undefined;
    if (this.#first === this.#items.length || (this.#first > tolerated && this.#first > this.#items.length / 2)) {
      this.#items.splice(0, this.#first);
      this.#first = 0;
    }
    return item;
  }

  /** Takes all items. */
  takeAll(): Item[] {
    const items = this.#items.slice(this.#first) as Item[];
    this.#items = [];
    this.#first = 0;
    return items;
  }
}
