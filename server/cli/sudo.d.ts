/** See sudo.js. */
export function invoker(): {
  name: string;
  uid: number;
  gid: number;
  env: Record<string, string | undefined>;
} | null;
export function becomeInvoker(): void;
