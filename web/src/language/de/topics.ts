import type { topics as source } from '../en/topics';
import type { Translated } from '../message';

export const topics = {
  animals: 'Tiere',
  art: 'Kunst',
  books: 'Bücher',
  business: 'Wirtschaft',
  culture: 'Kultur',
  education: 'Bildung',
  environment: 'Umwelt',
  family: 'Familie',
  film: 'Film',
  food: 'Essen und Trinken',
  games: 'Spiele',
  health: 'Gesundheit',
  history: 'Geschichte',
  'home and garden': 'Haus und Garten',
  languages: 'Sprachen',
  music: 'Musik',
  neighbourhood: 'Nachbarschaft',
  photography: 'Fotografie',
  politics: 'Politik',
  religion: 'Religion',
  science: 'Wissenschaft',
  sport: 'Sport',
  technology: 'Technik',
  travel: 'Reisen',
} satisfies Translated<typeof source>;
