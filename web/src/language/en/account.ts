/** The account: its password, its recovery code, what others see of it. */
export const account = {} as const;
