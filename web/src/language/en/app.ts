/** What is around the pages: menu, header, titles, what the connection is. */
export const app = {} as const;
