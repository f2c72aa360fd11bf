// The page at /v1/docs: the description of the interface, to read and to try. It is a page of its own, with a policy of its own, and
// shares nothing with the app.
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import 'swagger-ui-dist/swagger-ui.css';
import './page.css';

// Swagger UI has dark colours, and leaves it to the page when they are shown.
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = (): void => void document.documentElement.classList.toggle('dark-mode', dark.matches);
follow();
dark.addEventListener('change', follow);

SwaggerUI({
  url: '/v1/openapi.json',
  dom_id: '#api-docs',
  // So many operations at once would be drawn only where one has scrolled to: by their nouns they are found.
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  // A token that somebody has pasted is gone with the page.
  persistAuthorization: false,
  // Nothing of the address of the page changes what it does, and nobody else is asked whether the description is right.
  queryConfigEnabled: false,
  deepLinking: false,
  validatorUrl: null,
});
