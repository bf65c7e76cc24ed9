/** The HTTP status with which an engine has refused a request; undefined of any other error. */
export const statusOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
