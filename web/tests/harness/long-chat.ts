import type { ChatId, Message } from '@sotto/client';
import type { FakeClient } from '../fake-client';
import { quoteOf } from '../fake-messages';

const MINUTE = 60_000;
const WORDS =
  'the lake was quiet and nobody had brought a towel so we sat on the jetty until the boat came back with the bread and a letter that no one wanted to open'.split(
    ' ',
  );

/** Fills the chat with `name` with messages of mixed kinds and lengths, the same ones every time; the newest is of now. */
export function fill(client: FakeClient, name: string, count: number, now: number): ChatId {
  let last: Message | undefined;
  for (let index = 1; index <= count; index += 1) {
    const position = index;
    const at = now - (count - index) * 7 * MINUTE;
    const own = index % 5 < 2;
    const words = Array.from({ length: 1 + ((index * 7919) % 40) }, (_, word) => WORDS[(index * 31 + word) % 31]);
    const text = `${index}. ${words.join(' ')}`;
    const more: Partial<Message> = { position, at, own };
    if (index % 11 === 0 && last) more.replyTo = quoteOf(last);
    if (index % 13 === 0) more.reactions = [{ emoji: '👍', by: [client.accountOf(name)] }];
    if (index % 97 === 0) more.body = { kind: 'deleted', by: client.accountOf(name) };
    else if (index % 29 === 0) more.body = { kind: 'text', text: `> ${text}\n*Yes.* \`${index}\`\n– one\n– two` };
    else if (index % 211 === 0) more.body = { kind: 'text', text: `${text} `.repeat(30) };
    else if (index % 17 === 0) more.body = { kind: 'text', text: '🌊' };
    last = client.said(name, text, more);
  }
  client.seen(name);
  return last?.chat ?? '';
}
