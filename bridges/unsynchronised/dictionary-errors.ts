/** A key is new, and the dictionary already holds as many as it was made for. Nothing has changed. */
export class DictionaryFull extends RangeError {
  override readonly name = 'DictionaryFull';
}

/** A key with its value takes more bytes than an entry of the dictionary has. Nothing has changed. */
export class EntryTooLarge extends RangeError {
  override readonly name = 'EntryTooLarge';
}

/** An entry was copied while another agent changed it, and no longer is a value: nothing kept the others out. */
export class TornEntry extends Error {
  override readonly name = 'TornEntry';
}
