/** What the operator of a server says: news and pages. */
export const site = {
  news: 'News',
  noNews: 'There is no news yet.',
  noSuchNews: 'There is no such news, or not any more.',
  allNews: 'All news',
  reading: 'Reading…',
} as const;
