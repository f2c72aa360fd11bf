import type { SiteBlock } from '@sotto/client';
import type { FakeClient } from '../fake-client';

const text = (words: string) => ({ kind: 'text' as const, text: words });
const says = (words: string): SiteBlock => ({ kind: 'paragraph', content: [text(words)] });

/** A server whose operator has something to say. */
export function addSite(client: FakeClient): void {
  client.operatorsPages.set('about', {
    title: 'The server of the Rowing Club',
    content: [says('Noor and Bea look after it, in the evenings.')],
  });
  client.operatorsPages.set('landing', {
    title: 'Welcome, rowers',
    content: [says('Ask for an invite at the boathouse.')],
  });
  client.operatorsNews = [
    {
      slug: '2026-11-20-we-have-moved',
      title: 'We have moved',
      date: '2026-11-20',
      content: [
        says('The server is in another house now.'),
        { kind: 'heading', level: 2, content: [text('When it is open')] },
        {
          kind: 'table',
          columns: ['start', 'end'],
          head: [[text('Day')], [text('Hour')]],
          rows: [[[text('Saturday')], [text('7:42')]]],
        },
        { kind: 'list', items: [[says('Bring towels.')], [says('Bring the good olives.')]] },
        { kind: 'code', text: 'ssh lake.example' },
        { kind: 'quote', content: [says('A lake is a lake.')] },
        {
          kind: 'paragraph',
          content: [
            text('See '),
            { kind: 'link', to: 'https://lake.example/', content: [text('the lake')] },
            text('.'),
          ],
        },
      ],
    },
    { slug: '2026-11-01-first', title: 'The first news', date: '2026-11-01', content: [says('Hello.')] },
  ];
}
