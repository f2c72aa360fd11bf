import type { devices as source } from '../en/devices';
import type { Translated } from '../message';

export const devices = {
  logOutEverywhere: 'تسجيل الخروج من كل مكان',
  logOutEverywhereTitle: 'هل تريد تسجيل الخروج من كل مكان؟',
  loggedOutEverywhere: 'تم تسجيل خروجك من كل أجهزتك.',
  logOutEverywhereHint:
    'يتم تسجيل خروج كل أجهزتك فورًا، وهذا الجهاز أيضًا. ما حفظته يبقى عليها مشفرًا حتى تسجّل الدخول هناك مجددًا. تحتاج لذلك إلى كلمة المرور أو رمز الاسترداد.',
  changePasswordFirst: 'إذا كان أحد غيرك قد يعرف كلمة المرور فغيّرها أولًا: من يعرفها يستطيع تسجيل الدخول مجددًا.',
  thisDevice: 'هذا الجهاز',
  verified: 'موثوق',
  new: 'جديد',
  newHint: 'سجّل هذا الجهاز الدخول منذ آخر مرة نظرت فيها. إذا لم يكن لك فأزله وغيّر كلمة المرور.',
  loggedIn: 'سُجّل الدخول: {time}',
  loggedInAndSeen: 'سُجّل الدخول: {enrolled}، آخر ظهور: {seen}',
  name: 'اسم هذا الجهاز',
  renameThis: 'إعادة تسمية {name}',
  codeOf: 'رمز {name}',
  code: 'الرمز',
  removeThis: 'إزالة {name}',
  removeTitle: 'هل تريد إزالة {name}؟',
  removeHint: 'يُسجَّل خروجه فورًا ويغادر كل محادثاتك ولا يقرأ شيئًا مما يقال من الآن.',
  compareThis: 'قارن هذا بما يعرضه جهازك الآخر عن هذا الجهاز.',
  compareOther: 'افتح أجهزتك على {name} وقارن هذا بالرمز الذي يعرضه عن نفسه. إذا تطابقا فهو الجهاز الذي تظنه.',
  logInNew: 'تسجيل دخول جهاز جديد',
  isLoggedIn: 'سُجّل دخول <name>{device}</name>.',
  newDevice: 'الجهاز الجديد',
  codeOver: 'انتهت صلاحية الرمز. أغلق هذا واطلب رمزًا آخر.',
  codeHint:
    'امسح هذا بالجهاز الجديد، أو افتح هذا الموقع عليه واختر «استخدام رمز من جهاز آخر» في صفحة تسجيل الدخول والصق الرمز. يصلح مرة واحدة حتى {time}.',
  codeForNew: 'رمز لجهاز جديد',
  codeWarning: 'من يحصل على هذا الرمز يسجّل الدخول باسمك. لا تُره لأحد ولا ترسله لأحد.',
  copyCode: 'نسخ الرمز',
  makingCode: 'جارٍ إنشاء رمز…',
  nameless: 'جهاز بلا اسم',
  pageHint: 'كل مكان سُجّل فيه الدخول إلى حسابك. لكل جهاز مفاتيحه، ولا تُقرأ أسماؤها إلا على أجهزتك.',
  reading: 'جارٍ قراءة القائمة…',
} satisfies Translated<typeof source>;
