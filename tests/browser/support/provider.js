import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const SECRET = 'a secret of the tests';

/** An OpenID provider: the certified one of npm, with its own pages, at which anybody logs in with any password. */
export class OpenIdProvider {
  #http;

  /**
   * @param {import('node:http').Server} http
   * @param {string} origin
   */
  constructor(http, origin) {
    this.#http = http;
    this.origin = origin;
  }

  /**
   * @param {string[]} redirectUris where it may send back to
   * @param {'RS256' | 'ES256' | 'EdDSA'} algorithm by which it signs
   */
  static async start(redirectUris, algorithm) {
    const http = createServer();
    await new Promise((resolve) => http.listen(0, '127.0.0.1', () => resolve(undefined)));
    const address = http.address();
    const origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    const provider = new Provider(origin, {
      clients: [
        {
          client_id: 'sotto',
          client_secret: SECRET,
          redirect_uris: redirectUris,
          response_types: ['code'],
          grant_types: ['authorization_code'],
          id_token_signed_response_alg: algorithm,
        },
      ],
      pkce: { required: () => true },
      enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA'] },
      jwks: { keys: [keyFor(algorithm)] },
      cookies: { keys: ['the cookies of the tests'] },
      claims: { openid: ['sub'], profile: ['preferred_username'] },
      conformIdTokenClaims: false,
      features: { devInteractions: { enabled: true } },
      findAccount: (/** @type {unknown} */ _, /** @type {string} */ id) => ({
        accountId: id,
        claims: () => ({ sub: id, preferred_username: id }),
      }),
    });
    // Its pages want a font of somebody else's.
    provider.use(async (context, next) => {
      await next();
      if (typeof context.body === 'string') context.body = context.body.replace(/@import url\([^)]*\);/, '');
    });
    http.on('request', provider.callback());
    return new OpenIdProvider(http, origin);
  }

  /** The server's section, beside what is the test's own. @param {string} secretFile @param {string} web */
  configuration(secretFile, web) {
    return [
      '[oidc]',
      'enabled = true',
      `issuer = "${this.origin}"`,
      'client_id = "sotto"',
      `client_secret_file = "${secretFile}"`,
      `origins = ["${web}"]`,
      'name = "Example"',
    ].join('\n');
  }

  get secret() {
    return SECRET;
  }

  async stop() {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(() => resolve(undefined)));
  }
}

/** @param {'RS256' | 'ES256' | 'EdDSA'} algorithm */
function keyFor(algorithm) {
  const { privateKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: algorithm, kid: algorithm };
}

/**
 * Logs in on the provider's pages, and lets it tell the server.
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
export async function logInThere(page, name) {
  await page.locator('input[name=login]').fill(name);
  await page.locator('input[name=password]').fill('anything');
  await page.locator('button[type=submit]').click();
  await page.getByRole('button', { name: 'Continue' }).click();
}
