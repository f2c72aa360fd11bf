// A proof of work as others do it: the library of ALTCHA solves what the server asks for, and the server takes it. No browser is in this.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { extractParams, solveChallenge } from 'altcha-lib';
import { temporaryFolder } from '../support/output.js';
import { Server } from '../support/server.js';

const { folder, remove } = temporaryFolder();
/** @type {Server} */
let server;

before(async () => {
  server = await Server.start(folder, '[captcha]\nleast = 20000\nmost = 20000\n');
});

after(async () => {
  await server?.stop();
  remove();
});

/** A solution as ALTCHA's programs send it. */
async function solution() {
  const answer = await fetch(`${server.origin}/v1/auth/captcha`);
  assert.equal(answer.status, 200);
  const challenge = /** @type {import('altcha-lib/types').Challenge} */ (await answer.json());
  assert.equal(challenge.algorithm, 'SHA-256');
  assert.ok(Number(extractParams(challenge).expires) * 1000 > Date.now());
  const solved = await solveChallenge(challenge.challenge, challenge.salt, challenge.algorithm, challenge.maxnumber)
    .promise;
  assert.ok(solved);
  const { algorithm, salt, signature } = challenge;
  return btoa(JSON.stringify({ algorithm, challenge: challenge.challenge, salt, signature, ...solved }));
}

/**
 * The problem with which a login begins whose first message is nonsense: that is said where nothing else is wrong.
 * @param {string} [captcha]
 */
async function beginLogin(captcha) {
  const answer = await fetch(`${server.origin}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'alice', request: 'AAAA', captcha }),
  });
  return /** @type {{ code: string }} */ (await answer.json()).code;
}

test('what the library of ALTCHA has solved is taken once', async () => {
  for (let guess = 0; guess < 8; guess += 1) assert.equal(await beginLogin(), 'invalid-request');
  assert.equal(await beginLogin(), 'captcha-required');
  const captcha = await solution();
  assert.equal(await beginLogin(captcha), 'invalid-request');
  assert.equal(await beginLogin(captcha), 'captcha-invalid');
  assert.equal(await beginLogin(btoa('{}')), 'captcha-invalid');
});
