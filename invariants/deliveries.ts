/** Which items a history is about: `exactlyOnce` and `fifoPerProducer` follow each from its writer to its reader. */
export interface DeliveryOptions {
  /**
   * The item, or the items as an array, that a value passed to `history.read` reports as delivered; `undefined` if none was.
   * Wrap an item that is itself an array: `[item]`. Default: the value is the item, unless it is `undefined`.
   */
  delivered?(value: unknown): unknown;
  /** The item that a value passed to `history.write` submits; `undefined` if it is none. Default: the value itself. */
  written?(value: unknown): unknown;
}

/** The items that a read delivered. */
export function itemsDelivered(options: DeliveryOptions, value: unknown): readonly unknown[] {
  if (options.delivered === undefined) return value === undefined ? [] : [value];
  const items = options.delivered(value);
  if (items === undefined) return [];
  return Array.isArray(items) ? (items as readonly unknown[]) : [items];
}

/** The item that a write submits; `undefined` if it is none. */
export function itemWritten(options: DeliveryOptions, value: unknown): unknown {
  return options.written === undefined ? value : options.written(value);
}
