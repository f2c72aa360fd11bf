import strengthWorker from './password-strength/worker?worker&url';

interface TrustedTypePolicy {
  createScriptURL(url: string): string;
}

/** The part of Trusted Types that is used here; not every browser has it. */
interface TrustedTypePolicyFactory {
  createPolicy(name: string, rules: TrustedTypePolicy): TrustedTypePolicy;
}

export const SERVICE_WORKER = '/service-worker.js';
/** Estimates how hard a password is to guess. */
export const STRENGTH_WORKER = strengthWorker;

/** The scripts that a page starts beside itself. */
const SCRIPTS: ReadonlySet<string> = new Set([SERVICE_WORKER, STRENGTH_WORKER]);

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
