/** Whether an error is one of the system's of these names, such as EADDRINUSE. */
export const isSystemError = (error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
