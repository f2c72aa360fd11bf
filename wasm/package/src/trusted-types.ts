/** The part of Trusted Types that is used here; not every browser has it. */
interface TrustedTypePolicyFactory {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): {
    createScriptURL(url: string): string;
  };
}

/**
 * A script's address that `new Worker()` takes under `require-trusted-types-for 'script'`. The policy is named
 * `sotto`, and vouches for one address only: the one that was built into this package.
 */
export function trustedScript(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypePolicyFactory };
  if (!trustedTypes) return url;
  policy ??= trustedTypes.createPolicy('sotto', {
    createScriptURL: (asked) => {
      if (asked !== url) throw new TypeError('not the address of the worker');
      return asked;
    },
  });
  return policy.createScriptURL(url);
}

let policy: ReturnType<TrustedTypePolicyFactory['createPolicy']> | undefined;
