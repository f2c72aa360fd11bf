/** One of a few that can be chosen, with a word on what it means. */
export interface Option<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly hint?: string;
}
