import { expect, test } from 'vitest';
import { clientEnvironment } from '../../server/cli/client-environment.ts';
import { embeddedGround } from '../../server/images/ground.ts';
import { routes } from '../../server/protocol/index.ts';
import { faultyEngine } from '../support/faulty-engine.ts';
import { serveLabs } from '../support/own-lab-server.ts';
import { startPrivateEngine } from '../support/private-engine.ts';
import { twoStepScenario } from '../support/scenarios.ts';

const MINUTE = 60_000;
const LAB = twoStepScenario.slug;

test(
  'a lab whose engine ends while its shells are opened says that, and how to go on',
  async () => {
    const engine = await startPrivateEngine();
    await using _ = engine;
    await using faulty = await faultyEngine(engine);
    Object.assign(process.env, clientEnvironment(faulty));
    const labEngine = {
      ground: embeddedGround('unowned'),
      lacking: async () => new Map(),
      limits: [],
      runs: async () => !engine.failed.aborted,
    };
    await using server = await serveLabs(labEngine, [twoStepScenario]);
    using learner = server.client(LAB);
    await learner.connect();
    const gone = Promise.withResolvers<void>();
    engine.failed.addEventListener('abort', () => gone.resolve());
    let ended: PromiseLike<void> | undefined;
    // A shell is the first command that is run on a host.
    faulty.fault = (method, path) => {
      if (method !== 'POST' || !path.endsWith('/exec')) return null;
      ended ??= engine[Symbol.asyncDispose]();
      return { after: gone.promise };
    };
    await learner.request('POST', routes.session(LAB));
    await expect
      .poll(() => learner.session, { timeout: 2 * MINUTE })
      .toMatchObject({
        status: 'failed',
        reason: {
          en: expect.stringMatching(/engine .* has ended unexpectedly.* Reset the lab or start it again/),
        },
      });
    await ended;
  },
  12 * MINUTE,
);
