import { readConfig } from '../../server/config.ts';
import { ensureSystemPrograms } from '../../server/engines/system-packages.ts';

/** Install the browser where it is missing, before the first test that needs it: that is not what they time. */
export default async function prepare(): Promise<void> {
  const { setup } = readConfig(process.env);
  const isRoot = process.getuid?.() === 0;
  const announce = (message: string) => process.stdout.write(`${message}\n`);
  await ensureSystemPrograms({ chromium: 'chromium' }, { setup, isRoot, announce, onLine: () => undefined });
}
