/** The page for whoever is not logged in. */
export const landing = {} as const;
