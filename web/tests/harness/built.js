// The app over the fake client, built and served as the server does it: with its policy, which is what much of this is about.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const CONFIG = fileURLToPath(new URL('vite.config.ts', import.meta.url));
const OUTPUT = fileURLToPath(new URL('../../node_modules/.harness', import.meta.url));
const POLICY = fileURLToPath(new URL('../../../server/src/web/policy.rs', import.meta.url));
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

/** Whatever picture of a profile is asked for. */
const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><path fill="#c75" d="M0 0h96v96H0z"/><circle cx="48" cy="40" r="20" fill="#fec"/></svg>';

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 800 };

// Those of the tests that run against the real server.
const installed = createRequire(new URL('../../../tests/browser/package.json', import.meta.url));
const { chromium } = installed('playwright-core');

/** The policy as the server's source has it. */
async function policy() {
  const found = /PAGE_POLICY: &str = "([^;][^"]*)";/.exec(await readFile(POLICY, 'utf8'));
  if (!found?.[1]) throw new Error('the policy is not where it was');
  return found[1].replace(/\\\n\s*/g, '');
}

/** Builds the app and serves it on a free port. */
export async function serve() {
  await build({ configFile: CONFIG, logLevel: 'error' });
  const headers = {
    'content-security-policy': await policy(),
    'x-content-type-options': 'nosniff',
    'permissions-policy': 'microphone=(self), camera=(), autoplay=()',
    'cross-origin-opener-policy': 'same-origin',
  };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname.startsWith('/v1/picture/')) {
      response.writeHead(200, { ...headers, 'content-type': 'image/svg+xml' }).end(PICTURE);
      return;
    }
    const isFile = extname(pathname) !== '' && !pathname.startsWith('/file/');
    const path = isFile ? pathname : '/index.html';
    try {
      const content = await readFile(join(OUTPUT, path));
      response.writeHead(200, { ...headers, 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' });
      response.end(content);
    } catch {
      response.writeHead(404, headers).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('no address');
  return { origin: `http://127.0.0.1:${address.port}`, stop: () => server.close() };
}

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-sync',
];

/** A browser with a microphone that beeps. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...ARGS, '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
  });
}

/** Opens a scene; `complaints` has what the policy has refused, and exceptions that nobody caught. */
export async function openScene(context, origin, scene, path) {
  const complaints = [];
  context.setDefaultTimeout(30_000);
  context.on('weberror', (error) => complaints.push(`uncaught: ${error.error()}`));
  context.on('console', (message) => {
    if (/content security policy|trusted ?type|permissions policy/i.test(message.text()))
      complaints.push(message.text());
  });
  await context.addInitScript((name) => {
    if (location.protocol === 'http:') sessionStorage.setItem('scene', name);
  }, scene);
  const page = await context.newPage();
  await page.goto(`${origin}${path}`);
  return { page, complaints };
}

/** What is wrong with a page for somebody who cannot see or point, as axe finds it. */
export async function axe(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) {
    await page.evaluate(await readFile(installed.resolve('axe-core/axe.min.js'), 'utf8'));
  }
  return page.evaluate(async () => {
    // What another colour scheme has begun to change is changed first.
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
    const passing = document
      .getAnimations()
      .filter((animation) => animation.effect?.getTiming().iterations !== Infinity);
    await Promise.allSettled(passing.map(({ finished }) => finished));
    // Some of what WCAG 2.2 asks for is off unless it is asked for.
    const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await globalThis.axe.run(document, { runOnly: { type: 'tag', values } });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join('; ')}`);
  });
}
