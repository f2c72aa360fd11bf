export { isSomebodyThere } from './activity.js';
export type * from './api.js';
export { connect, type ConnectOptions } from './connect.js';
export { SottoError } from './errors.js';
export { hasPasskeys } from './passkey.js';
export { siteFile } from './site.js';
