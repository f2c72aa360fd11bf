import { SottoError } from './errors.js';

/** What the browser answered, for the client: JSON for the server, and apart from it what the authenticator's PRF gave, which is for nobody else. */
export interface PasskeyAnswer {
  credential: string;
  secret: Uint8Array;
}

/** The options of the standard as JSON, as far as they have to be converted. Everything binary is base64url. */
interface Prf {
  extensions: { prf: { eval: { first: string } } };
}

type CreationOptions = Prf &
  Omit<PublicKeyCredentialCreationOptions, 'challenge' | 'user' | 'excludeCredentials' | 'extensions'> & {
    challenge: string;
    user: { id: string; name: string; displayName: string };
    excludeCredentials: { type: 'public-key'; id: string }[];
  };

type RequestOptions = Prf & { challenge: string; rpId: string; timeout: number; userVerification: 'required' };

/** Whether this browser has passkeys at all. Whether an authenticator has what Sotto needs shows when one is made. */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === 'function' && 'credentials' in navigator;
}

/**
 * Makes a passkey and gives the answer to `add`. If its authenticator has no PRF, or `add` fails, the browser is told that the passkey is
 * good for nothing, so that it is not offered.
 */
export async function makePasskey<T>(json: string, add: (answer: PasskeyAnswer) => Promise<T>): Promise<T> {
  const options = JSON.parse(json) as CreationOptions;
  const input = bytes(options.extensions.prf.eval.first);
  const made = await ask(() =>
    navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: options.excludeCredentials.map(({ type, id }) => ({ type, id: bytes(id) })),
        extensions: { prf: { eval: { first: input } } },
      },
    }),
  );
  const response = made.response as AuthenticatorAttestationResponse;
  try {
    const credential = JSON.stringify({
      rawId: text(made.rawId),
      response: {
        clientDataJSON: text(response.clientDataJSON),
        attestationObject: text(response.attestationObject),
      },
    });
    return await spend(await secretOfNew(made, input, options.rp.id), (secret) => add({ credential, secret }));
  } catch (error) {
    await forget(options.rp.id, made.rawId);
    throw error;
  }
}

/** Has a passkey used, whichever its owner chooses, and gives the answer to `take`. */
export async function usePasskey<T>(json: string, take: (answer: PasskeyAnswer) => Promise<T>): Promise<T> {
  const { challenge, rpId, timeout, userVerification, extensions } = JSON.parse(json) as RequestOptions;
  const used = await ask(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: bytes(challenge),
        rpId,
        timeout,
        userVerification,
        extensions: { prf: { eval: { first: bytes(extensions.prf.eval.first) } } },
      },
    }),
  );
  const response = used.response as AuthenticatorAssertionResponse;
  const credential = JSON.stringify({
    rawId: text(used.rawId),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: text(response.userHandle ?? new ArrayBuffer()),
    },
  });
  const secret = output(used);
  if (!secret) throw withoutPrf();
  return spend(secret, () => take({ credential, secret }));
}

/** What the PRF of a new passkey gives. Many authenticators say only that they have one, and give it when the passkey is used. */
async function secretOfNew(made: PublicKeyCredential, input: BufferSource, rpId: string | undefined): Promise<Uint8Array> {
  const given = output(made);
  if (given) return given;
  if (!made.getClientExtensionResults().prf?.enabled) throw withoutPrf();
  const used = await ask(() =>
    navigator.credentials.get({
      publicKey: {
        // Nobody looks at the signature.
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        ...(rpId !== undefined && { rpId }),
        allowCredentials: [{ type: 'public-key', id: made.rawId }],
        userVerification: 'required',
        extensions: { prf: { eval: { first: input } } },
      },
    }),
  );
  const secret = output(used);
  if (!secret) throw withoutPrf();
  return secret;
}

function output(credential: PublicKeyCredential): Uint8Array | undefined {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (!first) return undefined;
  return ArrayBuffer.isView(first) ? new Uint8Array(first.buffer, first.byteOffset, first.byteLength) : new Uint8Array(first);
}

/** Wipes the secret once it was used, as far as a page can. */
async function spend<T>(secret: Uint8Array, use: (secret: Uint8Array) => Promise<T>): Promise<T> {
  try {
    return await use(secret);
  } finally {
    secret.fill(0);
  }
}

const withoutPrf = (): SottoError =>
  new SottoError('passkey-without-prf', 'the authenticator has no PRF: its passkey could open nothing');

/** Asks the browser. What it refuses has a code, and the text of its own stays out: it may name what it choked on. */
async function ask(question: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  if (!hasPasskeys()) throw new SottoError('passkeys-unsupported', 'this browser has no passkeys');
  let answer: Credential | null;
  try {
    answer = await question();
  } catch (error) {
    const name = error instanceof DOMException ? error.name : 'unknown';
    switch (name) {
      case 'NotAllowedError':
      case 'AbortError':
        throw new SottoError('cancelled', 'it was not wanted, or took too long');
      case 'InvalidStateError':
        throw new SottoError('passkey-taken', 'this authenticator holds a passkey of the account already');
      case 'NotSupportedError':
      case 'ConstraintError':
        throw new SottoError('passkeys-unsupported', 'no authenticator here can do what is needed');
      case 'SecurityError':
        throw new SottoError('passkeys-off', 'this page is not at the address for which the server has passkeys');
      default:
        throw new SottoError('passkey-failed', name);
    }
  }
  if (!(answer instanceof PublicKeyCredential)) throw new SottoError('cancelled', 'no passkey was chosen');
  return answer;
}

/** Tells the browser that the server does not know the passkey, where browsers can be told. */
async function forget(rpId: string | undefined, id: ArrayBuffer): Promise<void> {
  const signals = PublicKeyCredential as unknown as {
    signalUnknownCredential?: (unknown: { rpId: string; credentialId: string }) => Promise<void>;
  };
  try {
    await signals.signalUnknownCredential?.({ rpId: rpId ?? location.hostname, credentialId: text(id) });
  } catch {
    // It goes on being offered, and is refused.
  }
}

/** Of unpadded base64url. */
function bytes(encoded: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(encoded.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
}

/** As unpadded base64url. */
function text(buffer: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
