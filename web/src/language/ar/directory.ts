import type { directory as source } from '../en/directory';
import type { Translated } from '../message';

export const directory = {
  searchGroups: 'البحث في المجموعات المعلنة',
  groupsFound: 'المجموعات التي عُثر عليها',
  yourGroups: 'مجموعاتك',
  noGroups: 'لست في أي مجموعة بعد. أنشئ واحدة أو ابحث عن مجموعة معلنة.',
  searchPeople: 'البحث عن أشخاص بالاسم',
  youTalkWith: 'تتحدث مع',
  askFriends: 'اسأل أصدقاءك عن أسمائهم هنا، وأخبرهم باسمك: {name}',
  notReachable: 'أحد هؤلاء لا يمكن الوصول إليه بعد. أضفه بعد أن يتصل.',
  descriptionHint: 'ما موضوعها. يمكنك ترك هذا فارغًا.',
  howLongKept: 'كم تُحفظ الرسائل؟',
  howLarge: 'كم يمكن أن تكبر؟',
  creating: 'جارٍ الإنشاء…',
  create: 'إنشاء المجموعة',
} satisfies Translated<typeof source>;
