interface TrustedTypePolicy {
  createScriptURL(url: string): string;
}

/** The part of Trusted Types that is used here; not every browser has it. */
interface TrustedTypePolicyFactory {
  createPolicy(name: string, rules: TrustedTypePolicy): TrustedTypePolicy;
}

/** Answers for the files of messages, and hears of wake-ups. */
const SCRIPT = '/service-worker.js';
/**
 * Answers for nothing, where the scripts are. What is asked for by a worker goes by way of the service worker that its script belongs
 * to, and Chromium keeps the body of such a request until it collects garbage, for which a body is no reason: a file of a gigabyte
 * that the client sends would be in memory whole. By way of this one, which listens for no request, the client's go straight to the
 * server.
 */
const DIRECT = '/assets/direct.js';

/** A page may make it once. */
let policy: TrustedTypePolicy | undefined;

/** The address of a service worker, for a browser that takes none but from a policy (Trusted Types). It vouches for these two alone. */
function trusted(script: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypePolicyFactory };
  if (!trustedTypes) return script;
  policy ??= trustedTypes.createPolicy('sotto-service-worker', {
    createScriptURL: (asked) => {
      if (asked !== SCRIPT && asked !== DIRECT) throw new TypeError('not the address of a service worker');
      return asked;
    },
  });
  return policy.createScriptURL(script);
}

/** Waits until a service worker that is being installed is there, or is not to be. */
async function settled({ installing, waiting }: ServiceWorkerRegistration): Promise<void> {
  const coming = installing ?? waiting;
  if (!coming) return;
  await new Promise<void>((resolve) => {
    coming.addEventListener('statechange', () => {
      if (coming.state === 'activated' || coming.state === 'redundant') resolve();
    });
  });
}

/** Registers the service workers. */
export async function register(container: ServiceWorkerContainer): Promise<void> {
  try {
    // First: the other one takes over what there is when it comes, workers too.
    await settled(await container.register(trusted(DIRECT), { scope: '/assets/' }));
  } catch {
    // Then more memory is needed for a while.
  }
  try {
    // What it is built of lies in two files: the client is not in the one that is asked for again and again.
    await container.register(trusted(SCRIPT), { scope: '/', type: 'module' });
  } catch {
    // Without it, what is small is shown and saved all the same.
  }
}
