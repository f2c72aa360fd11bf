import type { actions as source } from '../en/actions';
import type { Translated } from '../message';

export const actions = {
  cancel: 'إلغاء',
  close: 'إغلاق',
  back: 'رجوع',
  done: 'تم',
  save: 'حفظ',
  saving: 'جارٍ الحفظ…',
  show: 'إظهار',
  hide: 'إخفاء',
  more: 'المزيد',
  showMore: 'عرض المزيد',
  copy: 'نسخ',
  copied: 'تم النسخ',
  somebody: 'شخص ما',
  you: 'أنت',
  rename: 'إعادة تسمية',
  remove: 'إزالة',
  send: 'إرسال',
  delete: 'حذف',
  tryAgain: 'إعادة المحاولة',
} satisfies Translated<typeof source>;
