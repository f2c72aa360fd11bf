import type { chats as source } from '../en/chats';
import type { Translated } from '../message';

export const chats = {
  title: 'المحادثات',
  searchMessages: 'البحث في الرسائل',
  starred: 'الرسائل المميزة بنجمة',
  notes: 'ملاحظات لنفسك',
  findPeople: 'البحث عن أشخاص',
  requests: 'الطلبات',
  archived: 'المؤرشفة',
  none: 'لا محادثات بعد.',
  noneHint: 'ابحث عن شخص باسمه وألقِ التحية.',
  noMessages: 'لا رسائل بعد',
  draft: 'مسودة:',
  waiting: 'بانتظار الإرسال:',
  notSent: 'لم تُرسل:',
  you: 'أنت:',
  named: {
    zero: 'لم تُذكر',
    one: 'ذُكرت',
    two: 'ذُكرت مرتين',
    few: 'ذُكرت {count} مرات',
    many: 'ذُكرت {count} مرة',
    other: 'ذُكرت {count} مرة',
  },
  unread: '{number}<hidden> غير مقروءة</hidden>',
} satisfies Translated<typeof source>;
