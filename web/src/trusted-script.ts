import strengthWorker from './password-strength/worker?worker&url';

interface TrustedTypePolicy {
  createScriptURL(url: string): string;
}

/** The part of Trusted Types that is used here; not every browser has it. */
interface TrustedTypePolicyFactory {
  createPolicy(name: string, rules: TrustedTypePolicy): TrustedTypePolicy;
}

/** Answers for the files of messages, and hears of wake-ups. */
export const SERVICE_WORKER = '/service-worker.js';
/**
 * A service worker that answers for nothing, where the scripts are. What is asked for by a worker goes by way of the service worker that
 * its script belongs to, and Chromium keeps the body of such a request until it collects garbage, for which a body is no reason: a file
 * of a gigabyte that the client sends would be in memory whole. By way of this one, which listens for no request, the client's go
 * straight to the server.
 */
export const DIRECT = '/assets/direct.js';
/** Estimates how hard a password is to guess. */
export const STRENGTH_WORKER = strengthWorker;

/** The scripts that a page starts beside itself. */
const SCRIPTS: ReadonlySet<string> = new Set([SERVICE_WORKER, DIRECT, STRENGTH_WORKER]);

/** A page may make it once. */
let policy: TrustedTypePolicy | undefined;

/** The address of one of these scripts, for a browser that takes none but from a policy (Trusted Types). It vouches for no other. */
export function trusted(script: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypePolicyFactory };
  if (!trustedTypes) return script;
  policy ??= trustedTypes.createPolicy('sotto-web', {
    createScriptURL: (asked) => {
      if (!SCRIPTS.has(asked)) throw new TypeError('not the address of a script of this app');
      return asked;
    },
  });
  return policy.createScriptURL(script);
}
