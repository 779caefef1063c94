/** The payload with this number of this producer: of many kinds and sizes, and never the same twice. */
export function payloadOf(producer: number, number: number): unknown {
  const name = `${producer}:${number}`;
  switch (number % 8) {
    case 0:
      return name;
    case 1:
      return new Map<unknown, unknown>([
        [name, number],
        [number, new Set([name])],
      ]);
    case 2:
      return { name, at: new Date(number), nested: { deeper: [{ name }, null, undefined, [number]] } };
    case 3:
      return { name, samples: Float64Array.from({ length: number % 97 }, (_, index) => index / (number + 1)) };
    case 4:
      return `${name} ${'text, ünïcödé 文字. '.repeat(400)}`;
    case 5:
      return new Uint8Array(new TextEncoder().encode(name.repeat(1 + (number % 500))));
    case 6:
      return { name, size: BigInt(number) ** 20n, error: new RangeError(name) };
    default:
      return [name, number % 2 === 0 ? null : undefined, -0, NaN, Infinity];
  }
}
