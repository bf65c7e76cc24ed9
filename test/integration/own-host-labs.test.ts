import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { routes, type CatalogueEntry } from '../../server/protocol/index.ts';
import type { Scenario } from '../../server/scenarios/scenario.ts';
import type { LabClient } from '../support/lab-client.ts';
import { deskLab, twoStepScenario } from '../support/scenarios.ts';
import { sshMachine } from '../support/ssh-server.ts';
import { startTestApp } from '../support/test-app.ts';

const ON = { allowed: ['local'], environment: { PATH: process.env['PATH'], HOME: '/tmp' } } as const;

const shows = (learner: LabClient, text: string) =>
  learner.untilScreen('host01', (screen) => screen.text.includes(text));

describe('a lab on the machine that runs Drydock', { timeout: 30_000 }, () => {
  it('goes from Start to Finish with a real shell and without an engine', async () => {
    await using app = await startTestApp({ scenario: deskLab, ownHosts: ON, preparing: true });
    using learner = app.client();
    await learner.start();
    learner.attach('host01');
    expect(await learner.runBlock('first', 'b1')).toEqual({ terminal: 'host01' });
    await shows(learner, '42\r\n');
    await learner.request('GET', routes.step(deskLab.slug, 'first'));
    await learner.untilSession(({ steps }) => steps[0]?.state === 'passed');
    await learner.next();
    await learner.until('finished');
    expect(app.provisioner.clusters).toEqual([]);
    // It has no place on the engine, and goes on where that ends.
    expect(app.sessions.places).toBe(0);
    app.loseEngine();
    learner.type('host01', 'echo $((50 + 1))\r');
    await shows(learner, '51\r\n');
  });

  it('is started where the engine holds no more labs', async () => {
    const scenarios = new Map([deskLab, twoStepScenario].map((each) => [each.slug, each]));
    await using app = await startTestApp({ scenarios, ownHosts: ON, capacity: 1, terms: { queue: 3 } });
    using learner = app.client();
    await learner.request('GET', routes.scenarios());
    await learner.request('POST', routes.session(twoStepScenario.slug));
    expect(app.sessions.places).toBe(1);
    expect((await learner.start()).status).toBe('ready');
  });

  it('is refused, in words, to one learner more than may be at once, and is not once another has ended', async () => {
    await using app = await startTestApp({ scenario: deskLab, ownHosts: { ...ON, labs: 1 } });
    using learner = app.client();
    await learner.start();
    // What is hers may be made anew.
    const reset = await learner.request('POST', routes.reset(deskLab.slug, true));
    expect(reset.status).toBe(200);
    using other = app.client();
    await other.request('GET', routes.scenarios());
    const refused = await other.request('POST', routes.session(deskLab.slug));
    expect([refused.status, refused.body.error]).toEqual([503, 'capacity_exhausted']);
    expect(refused.body.message).toEqual({
      en: expect.stringContaining('DRYDOCK_OWN_HOST_LABS'),
      'zh-CN': expect.stringContaining('DRYDOCK_OWN_HOST_LABS'),
    });
    await learner.until('ready');
    await learner.request('DELETE', routes.session(deskLab.slug));
    await learner.until('ended');
    await expect
      .poll(async () => (await other.request('POST', routes.session(deskLab.slug))).status)
      .toBe(200);
  });

  it('counts among the three that one learner may have open', async () => {
    const labs = ['one', 'two', 'three', 'four'].map((slug) => ({ ...deskLab, slug }));
    const scenarios = new Map(labs.map((each) => [each.slug, each]));
    await using app = await startTestApp({ scenarios, ownHosts: ON });
    using learner = app.client();
    await learner.request('GET', routes.scenarios());
    const started = [];
    for (const { slug } of labs) started.push(await learner.request('POST', routes.session(slug)));
    expect(started.map(({ status }) => status)).toEqual([200, 200, 200, 409]);
    expect(started[3]?.body.error).toBe('too_many_labs');
  });

  it('is there after a restart of the server, with its shell ended and another at Enter', async () => {
    const first = await startTestApp({ scenario: deskLab, ownHosts: ON });
    const learner = first.client();
    await learner.start();
    learner.attach('host01');
    learner.type('host01', 'echo "pid=$$;"\r');
    await shows(learner, ';\r\n');
    const pid = /pid=(\d+);/.exec(learner.screen('host01').text)?.[1];
    learner.disconnect();
    await first.leave();
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
    await using second = await startTestApp({ scenario: deskLab, ownHosts: ON, after: first });
    using again = second.client();
    again.cookie = learner.cookie;
    await again.connect();
    await again.until('ready');
    // A page that was open has seen bytes of the shell before, and is told the end of that whole.
    const { run, log } = { run: learner.session!.run, log: learner.shells.get('host01')!.log };
    again.emit('terminal:attach', { run, id: 'host01', log, since: 1 });
    await shows(again, 'Shell ended. Press Enter');
    expect(again.screen('host01').from).toBe(0);
    again.type('host01', '\r');
    await again.untilShell('host01', true);
    again.type('host01', 'echo $((60 + 1))\r');
    await shows(again, '61\r\n');
  });

  it('is off unless whoever runs the server has turned it on, and says so', async () => {
    await using app = await startTestApp({ scenario: deskLab });
    using learner = app.client();
    const { body } = await learner.request<CatalogueEntry[]>('GET', routes.scenarios());
    expect(body[0]?.unavailable).toEqual({
      en: expect.stringContaining('DRYDOCK_OWN_HOSTS=local'),
      'zh-CN': expect.stringContaining('DRYDOCK_OWN_HOSTS=local'),
    });
    const { status, body: refusal } = await learner.request('POST', routes.session(deskLab.slug));
    expect([status, refusal.error, refusal.message]).toEqual([
      503,
      'scenario_unavailable',
      body[0]?.unavailable,
    ]);
  });

  it('leaves no cluster where it had one before its author put it there, whose place is then another’s', async () => {
    const madeLab: Scenario = { ...deskLab, ownHosts: null };
    const first = await startTestApp({ scenario: madeLab, ownHosts: ON });
    const learner = first.client();
    await learner.start();
    learner.disconnect();
    await first.leave();
    const { cluster } = first.provisioner;
    expect(cluster.disposals).toBe(0);
    await using second = await startTestApp({
      scenario: deskLab,
      ownHosts: ON,
      after: first,
      preparing: true,
    });
    using again = second.client();
    again.cookie = learner.cookie;
    await again.connect();
    await again.until('failed');
    const removal = Promise.withResolvers<void>();
    cluster.removed = removal.promise;
    second.openEngine();
    expect([cluster.disposals, second.engine.guests]).toEqual([1, 1]);
    removal.resolve();
    await expect.poll(() => second.engine.guests).toBe(0);
    expect((await again.start()).status).toBe('ready');
    expect(first.provisioner.requests).toBe(1);
  });

  it('is over where its author has hosts made for it since, which come with the next start', async () => {
    const first = await startTestApp({ scenario: deskLab, ownHosts: ON });
    const learner = first.client();
    await learner.start();
    learner.disconnect();
    await first.leave();
    await using second = await startTestApp({
      scenario: { ...deskLab, ownHosts: null },
      ownHosts: ON,
      after: first,
    });
    using again = second.client();
    again.cookie = learner.cookie;
    await again.connect();
    await again.until('failed');
    expect([second.provisioner.adoptions, second.engine.guests]).toEqual([[], 0]);
    expect((await again.start()).status).toBe('ready');
    expect(second.provisioner.requests).toBe(1);
  });

  it('is over where it has been turned off since, and gives no shell', async () => {
    const first = await startTestApp({ scenario: deskLab, ownHosts: ON });
    const learner = first.client();
    await learner.start();
    learner.disconnect();
    await first.leave();
    await using second = await startTestApp({ scenario: deskLab, after: first });
    using again = second.client();
    again.cookie = learner.cookie;
    await again.connect();
    const { status } = await again.untilSession((session) => session.status !== 'provisioning');
    expect(status).toBe('failed');
  });
});

const farLab: Scenario = {
  ...deskLab,
  slug: 'far',
  ownHosts: new Map([['host01', { kind: 'ssh', destination: 'learner@desk' }]]),
};

describe.skipIf(!existsSync('/usr/bin/ssh'))(
  'a lab on a machine that ssh reaches',
  { timeout: 30_000 },
  () => {
    const serve = (environment: Readonly<Record<string, string>>) =>
      startTestApp({ scenario: farLab, ownHosts: { allowed: ['ssh'], environment } });
    const FAILED = 'The connection to learner@desk failed or was cut off. Press Enter to try again';

    it('says what to do, to its learner and in the log, where ssh does not get there', async () => {
      await using machine = await sshMachine(false);
      await using app = await serve(machine.environment);
      using learner = app.client();
      await learner.start();
      learner.attach('host01');
      await shows(learner, FAILED);
      const { text } = learner.screen('host01');
      expect(text).toContain('Host key verification failed.');
      expect(text).toContain(
        '“ssh learner@desk true” works from its machine without a question.\r\n与 learner@desk 的连接失败',
      );
      expect(text).not.toContain('Shell ended');
      const LOGGED = 'ssh to learner@desk failed or was cut off. As the user who runs Drydock, see that';
      await app.log.until(LOGGED);
      const line = app.log.lines.find((each) => each.includes(LOGGED)) ?? '{}';
      expect(JSON.parse(line)).toMatchObject({ run: learner.session?.run, terminal: 'host01' });
    });

    it('says the same where a connection is cut under a program that has the whole screen, and is there again at Enter', async () => {
      await using machine = await sshMachine();
      await using app = await serve(machine.environment);
      using learner = app.client();
      await learner.start();
      learner.attach('host01');
      learner.type('host01', "printf '\\033[?1049h'; echo $((40 + 2))\r");
      await shows(learner, '42\r\n');
      machine.cutOff();
      await shows(learner, FAILED);
      const { text } = learner.screen('host01');
      expect(text.lastIndexOf('\u001b[?1000;1047l')).toBeGreaterThan(text.indexOf('42\r\n'));
      learner.type('host01', '\r');
      await learner.untilShell('host01', true);
      learner.type('host01', 'echo $((50 + 1))\r');
      await shows(learner, '51\r\n');
      // What ends by itself, with whichever other code, is no fault of the connection.
      learner.type('host01', 'exit 7\r');
      await shows(learner, 'Shell ended (7). Press Enter');
    });
  },
);
