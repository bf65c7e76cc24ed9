/** Lets everything happen that is due already: what waits for no timer, nor for an answer from elsewhere. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
