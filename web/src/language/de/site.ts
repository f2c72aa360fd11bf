import type { site as source } from '../en/site';
import type { Translated } from '../message';

export const site = {
  news: 'Neuigkeiten',
  noNews: 'Es gibt noch keine Neuigkeiten.',
  noSuchNews: 'Diese Neuigkeit gibt es nicht, oder nicht mehr.',
  allNews: 'Alle Neuigkeiten',
  reading: 'Wird gelesen …',
} satisfies Translated<typeof source>;
