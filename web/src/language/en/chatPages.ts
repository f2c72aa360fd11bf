/** The pages that are one chat, or none. */
export const chatPages = {} as const;
