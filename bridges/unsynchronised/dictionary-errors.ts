/** A key is new, and the dictionary holds as many as it was made for. Nothing has changed. */
export class DictionaryFull extends RangeError {
  override readonly name = 'DictionaryFull';
}

/** A key with its value takes more bytes than the entries of the dictionary have. Nothing has changed. */
export class EntryTooLarge extends RangeError {
  override readonly name = 'EntryTooLarge';
}

/** An entry was copied while somebody changed it, and is not even a value any more: nobody kept the others out. */
export class TornEntry extends Error {
  override readonly name = 'TornEntry';
}
