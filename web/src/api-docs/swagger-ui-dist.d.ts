declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  /** What of it is used here. */
  interface Options {
    url: string;
    dom_id: string;
    docExpansion: 'list' | 'full' | 'none';
    defaultModelsExpandDepth: number;
    tryItOutEnabled: boolean;
    persistAuthorization: boolean;
    queryConfigEnabled: boolean;
    deepLinking: boolean;
    validatorUrl: string | null;
  }
  export default function SwaggerUI(options: Options): unknown;
}
