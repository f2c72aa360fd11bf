import type { previews as source } from '../en/previews';
import type { Translated } from '../message';

export const previews = {
  fileName: 'ملف',
  voice: 'رسالة صوتية',
  voiceOf: 'رسالة صوتية ({length})',
  picture: 'صورة',
  video: 'فيديو',
  videoOf: 'فيديو ({length})',
  untitled: 'مجموعة',
  somebody: 'شخص ما',
  fromBlocked: 'من شخص حظرته',
  unknown: 'أُرسلت من إصدار أحدث من Sotto',
  deletedByYou: 'لقد حذفت هذه الرسالة',
  deletedBy: 'حذف {name} هذه الرسالة',
} satisfies Translated<typeof source>;
