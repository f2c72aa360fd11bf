import { isolated } from './isolation';

/** A sentence for each of the plural categories that its language has; `count` chooses. */
export type Plural = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;
/** What is said: `{name}` is a value, `<link>words</link>` a part that its page draws. */
export type Message = string | Plural;
/** The messages of one part of the app. */
export type Area = Readonly<Record<string, Message>>;

type Text<M> = M extends string ? M : M extends Plural ? Extract<M[keyof M], string> : never;
type ValueOf<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | ValueOf<Rest> : never;
type PartOf<S extends string> = S extends `${string}</${infer Name}>${infer Rest}` ? Name | PartOf<Rest> : never;

/** The names of a message's values. Of a plural, one is the `count` that chooses. */
export type ValueNames<M> = ValueOf<Text<M>> | (M extends string ? never : 'count');
/** The names of the parts that its page draws. */
export type PartNames<M> = PartOf<Text<M>>;

/** The same messages in another language. */
export type Translated<Source> = {
  readonly [Name in keyof Source]: Source[Name] extends string ? string : Plural;
};

export type Value = string | number;

/** A piece of a message: words, a value, or a part with words of its own. */
export type Piece =
  | { readonly kind: 'words'; readonly words: string }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'part'; readonly name: string; readonly words: string };

const PIECE = /\{(\w+)\}|<(\w+)>(.*?)<\/\2>/gs;

/** What a message is made of, in its order. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { 0: whole, 1: value, 2: part, 3: words = '', index } of text.matchAll(PIECE)) {
    if (index > end) pieces.push({ kind: 'words', words: text.slice(end, index) });
    if (part !== undefined) pieces.push({ kind: 'part', name: part, words });
    else if (value !== undefined) pieces.push({ kind: 'value', name: value });
    end = index + whole.length;
  }
  if (end < text.length) pieces.push({ kind: 'words', words: text.slice(end) });
  return pieces;
}

/** How a language writes what stands within its sentences. */
export interface Writing {
  readonly direction: 'ltr' | 'rtl';
  readonly numbers: Intl.NumberFormat;
  readonly plurals: Intl.PluralRules;
}

/** The sentence of a message for these values. */
export function chosen(message: Message, values: Readonly<Record<string, unknown>>, { plurals }: Writing): string {
  if (typeof message === 'string') return message;
  return message[plurals.select(Number(values.count))] ?? message.other;
}

/** A value as it is written within a sentence: numbers as the language writes them, names without turning what is around them. */
export function written(value: Value, { numbers, direction }: Writing): string {
  return typeof value === 'number' ? numbers.format(value) : isolated(value, direction);
}

/** A sentence with its values. */
export function filled(text: string, values: Readonly<Record<string, Value>>, writing: Writing): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : written(value, writing);
  });
}
