import type { app as source } from '../en/app';
import type { Translated } from '../message';

export const app = {
  notifications: 'الإشعارات',
  groups: 'المجموعات',
  people: 'الأشخاص',
  menu: 'القائمة الرئيسية',
  unreadCount: {
    zero: '، {count} غير مقروءة',
    one: '، {count} غير مقروءة',
    two: '، {count} غير مقروءتين',
    few: '، {count} غير مقروءة',
    many: '، {count} غير مقروءة',
    other: '، {count} غير مقروءة',
  },
  newCount: {
    zero: '، {count} جديد',
    one: '، {count} جديد',
    two: '، {count} جديدان',
    few: '، {count} جديدة',
    many: '، {count} جديدًا',
    other: '، {count} جديد',
  },
  about: 'عن التطبيق',
  logIn: 'تسجيل الدخول',
  createAccount: 'إنشاء حساب',
  storeFailed: 'لا يمكن حفظ المزيد في هذا المتصفح. هل بقيت مساحة؟',
  offline: 'غير متصل. ما تكتبه يُرسل عندما تعود.',
  connecting: 'جارٍ الاتصال…',
  search: 'البحث',
  newGroup: 'مجموعة جديدة',
  joinGroup: 'الانضمام إلى مجموعة',
  notFound: 'غير موجودة',
  aboutGroup: 'عن {group}',
  newDevice: 'سجّل جهاز جديد الدخول إلى حسابك. إذا لم يكن لك فأزله. <link>انظر إلى أجهزتك</link>',
  skip: 'تخطَّ إلى المحتوى',
  yourChats: 'محادثاتك',
} satisfies Translated<typeof source>;
