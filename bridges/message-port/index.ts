export { MailboxFull, PortClosed, RemoteError, Unacknowledged, type PlainError } from './errors.js';
export type { HandlingContext } from './handling.js';
export { lineOver, type Line } from './line.js';
export { PortReader, type PortReaderOptions, type PortReaderOutcome } from './port-reader.js';
export { PortWriter, type Dispatched, type SendOptions } from './port-writer.js';
export { PublishedPortReader, PublishedPortWriter } from './published.js';
