import type { broadcast as source } from '../en/broadcast';
import type { Translated } from '../message';

export const broadcast = {
  title: 'البث',
  ofServer: 'ممن يديرون هذا الخادم إلى كل من عليه.',
  ofCommunity: 'ممن يرعون المجتمع إلى كل من فيه.',
  none: 'لا يوجد بث بعد.',
  joinFirst: 'انضم إلى المجتمع لتتابع.',
  start: 'بدء بث',
  starting: 'جارٍ البدء…',
  startTitle: 'بدء بث',
  startHint:
    'أنت تكتب، ويرى ذلك كل من يتابع. ويمكنك أن تجعل آخرين مشرفين هناك فيكتبون أيضًا. يمكن لعدد 2000 جهاز على الأكثر أن يتابع، ولأن لكل من هنا أن يدخل فهو غير محمي من حاسوب كمي لاحق.',
  begin: 'بدء',
  another: 'بدء بث آخر',
  stop: 'إنهاء البث…',
  stopTitle: 'إنهاء البث؟',
  stopHint: 'لن يُعرض هنا بعد الآن. وتستمر المجموعة لمن يتابعونها.',
  stopThis: 'إنهاء البث',
  readOnly: 'هنا يكتب المالك والمشرفون، وأنت تتابع القراءة.',
  about: 'بث: يكتب المالك والمشرفون، ويقرأ كل الآخرين.',
} satisfies Translated<typeof source>;
