import type { topics as source } from '../en/topics';
import type { Translated } from '../message';

export const topics = {
  animals: 'الحيوانات',
  art: 'الفن',
  books: 'الكتب',
  business: 'الأعمال',
  culture: 'الثقافة',
  education: 'التعليم',
  environment: 'البيئة',
  family: 'الأسرة',
  film: 'الأفلام',
  food: 'الطعام',
  games: 'الألعاب',
  health: 'الصحة',
  history: 'التاريخ',
  'home and garden': 'المنزل والحديقة',
  languages: 'اللغات',
  music: 'الموسيقى',
  neighbourhood: 'الجوار',
  photography: 'التصوير',
  politics: 'السياسة',
  religion: 'الدين',
  science: 'العلوم',
  sport: 'الرياضة',
  technology: 'التقنية',
  travel: 'السفر',
} satisfies Translated<typeof source>;
