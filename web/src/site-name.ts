/** What the server is called: it says so in the page that it hands out. */
export const siteName = document.querySelector<HTMLMetaElement>('meta[name="application-name"]')?.content || 'Sotto';
