import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import type { NewsItem, SiteBlock } from '@sotto/client';
import { open } from './app';
import { FakeClient, problem } from './fake-client';

const says = (text: string): SiteBlock => ({ kind: 'paragraph', content: [{ kind: 'text', text }] });
const item = (day: number, content: SiteBlock[] = []): NewsItem => ({
  slug: `2026-11-0${day}-item`,
  title: `Item ${day}`,
  date: `2026-11-0${day}`,
  content,
});

test('news is led to where there is any, a page at a time, and read', async () => {
  const client = new FakeClient();
  client.operatorsNews = [item(3, [says('We have moved.')]), item(2), item(1)];
  open(client, '/');
  (await screen.findByRole('link', { name: 'News' })).click();
  await screen.findByRole('link', { name: 'Item 3' });
  expect(screen.queryByRole('link', { name: 'Item 1' })).toBeNull();
  screen.getByRole('button', { name: 'Show more' }).click();
  await screen.findByRole('link', { name: 'Item 1' });
  screen.getByRole('link', { name: 'Item 3' }).click();
  await screen.findByText('We have moved.');
  // The day is the operator's, wherever one reads it.
  expect(screen.getByText(/November 3, 2026|3 November 2026/)).toBeTruthy();
});

test('the link to the news is there from the first paint where there was news before, and its room is kept where nobody knows', async () => {
  const link = () => screen.queryByRole('link', { name: 'News' });
  const room = () => document.querySelector('nav a[href="/news"]');
  const busy = () => {
    const client = new FakeClient();
    client.failures.set('serverInfo', problem('unavailable'));
    return client;
  };
  const first = open(busy(), '/about');
  expect([link(), room() !== null]).toEqual([null, true]);
  first.unmount();
  const client = new FakeClient();
  client.operatorsNews = [item(1)];
  const second = open(client, '/about');
  await waitFor(() => expect(link()).not.toBeNull());
  second.unmount();
  const third = open(busy(), '/about');
  expect(link()).not.toBeNull();
  third.unmount();
  const fourth = open(new FakeClient(), '/about');
  await waitFor(() => expect(room()).toBeNull());
  fourth.unmount();
  open(busy(), '/about');
  expect(room()).toBeNull();
});

test('a server without news has no link to it, and says that an item is gone', async () => {
  const client = new FakeClient();
  open(client, '/news/2026-11-03-item');
  await screen.findByText('There is no such news, or not any more.');
  expect(screen.queryByRole('link', { name: 'News' })).toBeNull();
});

test('what the operator says of the server stands before what we say', async () => {
  const client = new FakeClient();
  client.operatorsPages.set('about', { title: 'The Rowing Club', content: [says('Ask Noor.')] });
  open(client, '/about');
  const text = within(await screen.findByRole('region', { name: 'The Rowing Club' }));
  text.getByText('Ask Noor.');
  screen.getByRole('heading', { level: 1 });
});

test('where the operator’s text cannot be had, the page is there without it', async () => {
  const client = new FakeClient();
  client.operatorsPages.set('about', { title: 'The Rowing Club', content: [] });
  client.failures.set('sitePage', problem('unreachable'));
  open(client, '/about');
  await screen.findByRole('heading', { level: 1 });
  expect(screen.queryByRole('region', { name: 'The Rowing Club' })).toBeNull();
});

test('a text is drawn from its parts: headings below the page’s own, links away apart from links here, pictures of the server', async () => {
  const client = new FakeClient();
  client.operatorsNews = [
    item(3, [
      { kind: 'heading', level: 1, content: [{ kind: 'text', text: 'Where' }] },
      {
        kind: 'paragraph',
        content: [
          { kind: 'link', to: '/about', content: [{ kind: 'text', text: 'here' }] },
          {
            kind: 'link',
            to: 'https://lake.example/',
            content: [{ kind: 'strong', content: [{ kind: 'text', text: 'there' }] }],
          },
          { kind: 'image', name: 'a b.png', alt: 'The lake' },
        ],
      },
      { kind: 'list', start: 3, items: [[says('third')]] },
      { kind: 'code', text: '<b>' },
      {
        kind: 'table',
        columns: ['end'],
        head: [[{ kind: 'text', text: 'Head' }]],
        rows: [[[{ kind: 'text', text: 'Cell' }]]],
      },
    ]),
  ];
  open(client, '/news/2026-11-03-item');
  await screen.findByRole('heading', { level: 2, name: 'Where' });
  expect(screen.getByRole('link', { name: 'here' }).getAttribute('target')).toBeNull();
  const away = screen.getByRole('link', { name: 'there' });
  expect([away.getAttribute('target'), away.getAttribute('rel')]).toEqual(['_blank', 'noopener noreferrer']);
  expect(screen.getByRole('img', { name: 'The lake' }).getAttribute('src')).toBe('/v1/site/file/a%20b.png');
  expect(screen.getByText('third').closest('ol')?.start).toBe(3);
  screen.getByText('<b>');
  screen.getByRole('columnheader', { name: 'Head' });
});
