import { describe, expect, it } from 'vitest';
import { refuseOtherEngine } from '../../../server/cli/refuse-other-engine.ts';
import { UserError } from '../../../server/engines/user-error.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

async function refusal(properties?: string): Promise<unknown> {
  await using home = await temporaryFolder();
  if (properties !== undefined) await home.write('.testcontainers.properties', properties);
  return await refuseOtherEngine(home.path).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("another engine in testcontainers' own settings", () => {
  it.each(['tc.host=tcp://other.example:2375', '  tc.host = tcp://other.example:2375\n'])(
    'is refused, with the line to take away, where labs would go there: %j',
    async (line) => {
      const error = await refusal(`ryuk.disabled=true\n${line}`);
      expect(error).toBeInstanceOf(UserError);
      expect(String(error)).toContain(`“${line.trim()}” in /`);
    },
  );

  it.each([undefined, '', '# tc.host=tcp://other.example:2375', 'docker.host=tcp://other.example:2375'])(
    'does no harm where variables come before it or it is not set: %j',
    async (properties) => {
      expect(await refusal(properties)).toBeUndefined();
    },
  );
});
