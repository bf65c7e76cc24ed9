import { expect, it } from 'vitest';
import { sharedNames } from '../../../server/images/shared-names.ts';

const OWNER = '0123456789ab';

it('names on a shared engine differ by owner and by version, and end in both', () => {
  const names = sharedNames(OWNER, ['one']);
  expect(names.version).toMatch(/^0123456789ab-[0-9a-f]{16}$/);
  for (const name of [names.labHost, names.registry, names.imageStore, names.registryStore]) {
    expect(name.endsWith(names.version)).toBe(true);
    expect(Object.values(sharedNames('ba9876543210', ['one']))).not.toContain(name);
    expect(Object.values(sharedNames(OWNER, ['two']))).not.toContain(name);
  }
});
