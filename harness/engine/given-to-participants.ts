/** What all writers and readers of an execution have in common. */
export interface GivenToParticipants {
  readonly store: unknown;
  readonly params: Readonly<Record<string, unknown>>;
  readonly writers: number;
  readonly readers: number;
}
