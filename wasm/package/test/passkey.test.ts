import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hasPasskeys, makePasskey, usePasskey, type PasskeyAnswer } from '../src/passkey.js';

const creation = JSON.stringify({
  rp: { id: 'example.org', name: 'Sotto' },
  user: { id: '-_8', name: 'alice', displayName: 'alice' },
  challenge: 'AQID',
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  timeout: 1000,
  excludeCredentials: [{ type: 'public-key', id: 'BAU' }],
  authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  attestation: 'none',
  extensions: { prf: { eval: { first: 'CQ' } } },
});
const request = JSON.stringify({
  challenge: 'AQID',
  rpId: 'example.org',
  timeout: 1000,
  userVerification: 'required',
  extensions: { prf: { eval: { first: 'CQ' } } },
});

const buffer = (...bytes: number[]): ArrayBuffer => Uint8Array.from(bytes).buffer;
const secret = (): ArrayBuffer => buffer(...Array.from({ length: 32 }, () => 7));

class FakeCredential {
  static forgotten: unknown[] = [];
  static async signalUnknownCredential(unknown: unknown): Promise<void> {
    FakeCredential.forgotten.push(unknown);
  }
  readonly rawId = buffer(251, 255);
  readonly response = {
    clientDataJSON: buffer(1),
    attestationObject: buffer(2),
    authenticatorData: buffer(3),
    signature: buffer(4),
    userHandle: buffer(5),
  };
  constructor(readonly prf: object | undefined) {}
  getClientExtensionResults(): object {
    return { prf: this.prf };
  }
}

const create = vi.fn();
const get = vi.fn();

beforeEach(() => {
  FakeCredential.forgotten = [];
  create.mockReset();
  get.mockReset();
  vi.stubGlobal('PublicKeyCredential', FakeCredential);
  vi.stubGlobal('navigator', { credentials: { create, get } });
});

afterEach(() => vi.unstubAllGlobals());

/** Takes what the client is given, as it is then. */
function client(): { given: PasskeyAnswer[]; take: (answer: PasskeyAnswer) => Promise<string> } {
  const given: PasskeyAnswer[] = [];
  return {
    given,
    take: async ({ credential, secret }) => {
      given.push({ credential, secret: secret.slice() });
      return 'done';
    },
  };
}

test('a new passkey is asked for in bytes, and what its PRF gives goes beside the answer and not into it', async () => {
  create.mockResolvedValue(new FakeCredential({ enabled: true, results: { first: secret() } }));
  const { given, take } = client();
  expect(await makePasskey(creation, take)).toBe('done');
  const { publicKey } = create.mock.calls[0]?.[0];
  expect([...publicKey.challenge]).toEqual([1, 2, 3]);
  expect([...publicKey.user.id]).toEqual([251, 255]);
  expect([...publicKey.excludeCredentials[0].id]).toEqual([4, 5]);
  expect([...publicKey.extensions.prf.eval.first]).toEqual([9]);
  expect(given).toEqual([
    {
      credential: '{"rawId":"-_8","response":{"clientDataJSON":"AQ","attestationObject":"Ag"}}',
      secret: new Uint8Array(secret()),
    },
  ]);
  expect(get).not.toHaveBeenCalled();
  expect(FakeCredential.forgotten).toEqual([]);
});

test('an authenticator that gives its PRF only when it is used is asked again, for this passkey and its owner', async () => {
  create.mockResolvedValue(new FakeCredential({ enabled: true }));
  get.mockResolvedValue(new FakeCredential({ results: { first: secret() } }));
  const { given, take } = client();
  await makePasskey(creation, take);
  const { publicKey } = get.mock.calls[0]?.[0];
  expect(publicKey.userVerification).toBe('required');
  expect([...new Uint8Array(publicKey.allowCredentials[0].id)]).toEqual([251, 255]);
  expect(given[0]?.secret).toEqual(new Uint8Array(secret()));
});

test('an authenticator without PRF is refused, and so is a passkey that the client does not take: the browser forgets it', async () => {
  create.mockResolvedValue(new FakeCredential({ enabled: false }));
  await expect(makePasskey(creation, client().take)).rejects.toMatchObject({ code: 'passkey-without-prf' });
  get.mockResolvedValue(new FakeCredential(undefined));
  await expect(usePasskey(request, client().take)).rejects.toMatchObject({ code: 'passkey-without-prf' });
  create.mockResolvedValue(new FakeCredential({ results: { first: secret() } }));
  await expect(makePasskey(creation, () => Promise.reject(new Error('offline')))).rejects.toThrow('offline');
  const forgotten = { rpId: 'example.org', credentialId: '-_8' };
  expect(FakeCredential.forgotten).toEqual([forgotten, forgotten]);
});

test('a login gives what was signed, and the secret is wiped when it was used', async () => {
  const first = secret();
  get.mockResolvedValue(new FakeCredential({ results: { first } }));
  const { given, take } = client();
  await usePasskey(request, take);
  expect(given[0]?.credential).toBe(
    '{"rawId":"-_8","response":{"clientDataJSON":"AQ","authenticatorData":"Aw","signature":"BA","userHandle":"BQ"}}',
  );
  expect(new Uint8Array(first)).toEqual(new Uint8Array(32));
});

test('what a browser refuses has a code', async () => {
  for (const [name, code] of [
    ['NotAllowedError', 'cancelled'],
    ['InvalidStateError', 'passkey-taken'],
    ['NotSupportedError', 'passkeys-unsupported'],
    ['SecurityError', 'passkeys-off'],
    ['DataError', 'passkey-failed'],
  ] as const) {
    create.mockRejectedValue(new DOMException('it says too much', name));
    await expect(makePasskey(creation, client().take)).rejects.toMatchObject({ code });
  }
  expect(hasPasskeys()).toBe(true);
  vi.unstubAllGlobals();
  expect(hasPasskeys()).toBe(false);
  await expect(usePasskey(request, client().take)).rejects.toMatchObject({ code: 'passkeys-unsupported' });
});
