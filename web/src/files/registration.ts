import { DIRECT, SERVICE_WORKER, trusted } from '../trusted-script';

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
    await container.register(trusted(SERVICE_WORKER), { scope: '/', type: 'module' });
  } catch {
    // Without it, what is small is shown and saved all the same.
  }
}
