import type { settings as source } from '../en/settings';
import type { Translated } from '../message';

export const settings = {
  about: 'عن Sotto',
  account: 'الحساب',
  accountHint: 'يجدك الآخرون بهذا الاسم.',
  browser: 'هذا المتصفح',
  browserHint: 'رسائلك ومفاتيحك محفوظة في هذا المتصفح مشفرة. ولأجهزتك الأخرى نسخها الخاصة.',
  browserLanguage: 'كما في هذا المتصفح',
  deleteAccount: 'حذف الحساب',
  deleteAccountHint: 'احذف حسابك وكل ما يخصه نهائيًا.',
  deleteYourAccount: 'حذف حسابك',
  devices: 'أجهزتك',
  devicesHint: 'انظر أين يُستخدم حسابك، أو سجّل دخول جهاز جديد، أو أزل جهازًا مفقودًا.',
  history: 'سجل رسائلك',
  historyHint: 'احفظ كل رسائلك في ملف للاحتفاظ بها أو لقراءتها، أو استعدها من ملف.',
  language: 'اللغة',
  languageHint: 'لغة الصفحات في هذا المتصفح. تبقى الرسائل كما كُتبت.',
  logOut: 'تسجيل الخروج',
  logOutAndErase: 'تسجيل الخروج وحذف كل شيء هنا',
  logOutHint:
    'يمكن أن يبقى ما هو محفوظ هنا مشفرًا حتى تسجّل الدخول مجددًا. إذا كان آخرون يستخدمون هذا المتصفح أيضًا فاحذفه: الرسائل التي ليست على أي من أجهزتك الأخرى ستضيع عندئذ.',
  logOutTitle: 'هل تريد تسجيل الخروج من هذا المتصفح؟',
  notifications: 'الإشعارات',
  notificationsHint: 'ما يخبرك به هذا المتصفح عن الرسائل الجديدة، وكم يعرض منها.',
  notificationsOfBrowser: 'إشعارات هذا المتصفح',
  password: 'كلمة المرور',
  title: 'الإعدادات',
} satisfies Translated<typeof source>;
