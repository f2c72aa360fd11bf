import type { en } from './en';
import { directionOf, type Language } from './languages';
import {
  chosen,
  filled,
  piecesOf,
  type Area,
  type Message,
  type PartNames,
  type Piece,
  type Translated,
  type Value,
  type ValueNames,
  type Writing,
} from './message';

/** All that is said, in the language that the others are translated from. */
export type Source = typeof en;
/** All that is said, in any language. */
export type Catalogue = { readonly [Name in keyof Source]: Translated<Source[Name]> };

type KeysOf<Name extends keyof Source> = `${Name}.${Extract<keyof Source[Name], string>}`;
/** The name of a message: its area, and what it is called there. */
export type Key = { [Name in keyof Source]: KeysOf<Name> }[keyof Source];
/** The message of a key, as its source has it. */
export type MessageOf<K extends Key> = K extends `${infer Name extends keyof Source}.${infer Rest}`
  ? Rest extends keyof Source[Name]
    ? Source[Name][Rest]
    : never
  : never;

/** A plural is chosen by a number. */
type ValueOf<Name> = Name extends 'count' ? number : Value;
export type Values<K extends Key> = { readonly [Name in ValueNames<MessageOf<K>>]: ValueOf<Name> };
/** The keys of messages that are the same whatever happens: what a table of labels can name. */
export type PlainKey = {
  [K in Key]: [ValueNames<MessageOf<K>> | PartNames<MessageOf<K>>] extends [never] ? K : never;
}[Key];

interface Spoken extends Writing {
  readonly language: Language;
  /** Whose dates and numbers are written. */
  readonly locale: string;
  /** Only these areas can be spoken of: a service worker has few. */
  readonly areas: Readonly<Record<string, Area>>;
}

function spoken(language: Language, locale: string, areas: Readonly<Record<string, Area>>): Spoken {
  return {
    language,
    locale,
    areas,
    direction: directionOf(language),
    numbers: new Intl.NumberFormat(locale),
    plurals: new Intl.PluralRules(locale),
  };
}

let now = spoken('en', 'en', {});
/** Tells whoever draws pages that what is drawn depends on the language. A service worker draws none. */
let watch: () => void = () => undefined;

/** From now on all is said in this language. `locale`: whose dates and numbers are written. */
export function speak(language: Language, locale: string, areas: Partial<Catalogue>): void {
  now = spoken(language, locale, areas);
}

/** Has a function called whenever something is said. */
export function watchedBy(watcher: () => void): void {
  watch = watcher;
}

/** What is spoken now. */
export function current(): Spoken {
  watch();
  return now;
}

/** Something of the language in use that is costly to make, as the formats of Intl are: made once for each. */
export function perLanguage<T>(make: (locale: string) => T): () => T {
  let made: { readonly of: Spoken; readonly value: T } | undefined;
  return () => {
    const of = current();
    if (made?.of !== of) made = { of, value: make(of.locale) };
    return made.value;
  };
}

function messageOf(key: string): Message {
  const [area = '', name = ''] = split(key);
  const messages = now.areas[area];
  // What is not there is seen, and stops nothing.
  return (messages && Object.hasOwn(messages, name) && messages[name]) || key;
}

function split(key: string): readonly [string, string] {
  const end = key.indexOf('.');
  return [key.slice(0, end), key.slice(end + 1)];
}

/** A message in the language in use. */
export function t<K extends Key>(
  key: K,
  ...[values]: [ValueNames<MessageOf<K>>] extends [never] ? [] : [Values<K>]
): string {
  watch();
  const given: Readonly<Record<string, Value>> = values ?? {};
  return filled(chosen(messageOf(key), given, now), given, now);
}

/** What a message is made of, for a component that draws some of it. */
export function pieces(key: Key, values: Readonly<Record<string, unknown>>): readonly Piece[] {
  watch();
  return piecesOf(chosen(messageOf(key), values, now));
}

/** Whether a key that comes from elsewhere, as the code of a problem does, is one of ours. */
export function isKey(key: string): key is PlainKey {
  watch();
  return messageOf(key) !== key;
}
