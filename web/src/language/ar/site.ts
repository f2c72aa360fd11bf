import type { site as source } from '../en/site';
import type { Translated } from '../message';

export const site = {
  news: 'الأخبار',
  noNews: 'لا توجد أخبار بعد.',
  noSuchNews: 'لا يوجد هذا الخبر، أو لم يعد موجودًا.',
  allNews: 'كل الأخبار',
  reading: 'جارٍ القراءة…',
} satisfies Translated<typeof source>;
