import type { SessionView } from '../../../server/protocol/index.ts';
import { EngineGate } from '../../../server/sessions/engine-gate.ts';
import { LabError } from '../../../server/sessions/errors.ts';
import { FakeProvisioner } from '../../support/fake-provisioner.ts';
import { RecordingViewer } from '../../support/recording-viewer.ts';
import { twoStepScenario } from '../../support/scenarios.ts';
import { passed } from '../../support/scripted-checks.ts';
import { Signal } from '../../support/signal.ts';
import { readyEngine, testSessions, type TestSessionsOptions } from '../../support/test-sessions.ts';

export const LAB = twoStepScenario.slug;

export type AdasLabOptions = Pick<TestSessionsOptions, 'scenario' | 'provisioner' | 'store'> & {
  /** How many labs the engine holds. */
  capacity?: number;
  /** Leaves the engine to the test. */
  preparing?: boolean;
};

/** A server’s sessions, with what ada does on her lab and what she is told of it. */
export function setUp({
  capacity = 10,
  preparing = false,
  provisioner = new FakeProvisioner(),
  ...options
}: AdasLabOptions = {}) {
  const engine = preparing ? new EngineGate() : readyEngine(provisioner.means(capacity));
  const server = testSessions({ ...options, provisioner, engine });
  const { sessions, checks } = server;
  const changed = new Signal();
  const views: SessionView[] = [];
  sessions.subscribe('ada', LAB, (view) => {
    views.push(view);
    changed.notify();
  });
  const reaches = (status: SessionView['status']) =>
    changed.until(() => sessions.get('ada', LAB)?.status === status);
  const startReady = async () => {
    sessions.start('ada', LAB);
    await reaches('ready');
  };
  /** The learner has left the shell of host01. */
  const endShell = async () => {
    const terminal = sessions.terminal('ada', LAB, 'host01');
    if (terminal === undefined) throw new Error('host01 has no terminal');
    const viewer = new RecordingViewer(terminal);
    terminal.attach(viewer, 0);
    provisioner.cluster.host('host01').pty.end(0);
    await viewer.until(({ bytes }) => bytes.includes('Shell ended'));
  };
  const pass = async (id: string) => {
    const view = sessions.check('ada', LAB, id);
    checks.last.answer(Array.from({ length: checks.last.count }, () => passed));
    return view;
  };
  return { ...server, views, changed, reaches, startReady, endShell, pass };
}

/** The code of the LabError that is thrown. */
export function code(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof LabError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}

/** The same of a promise. */
export const rejection = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: unknown) => (error instanceof LabError ? error.code : String(error)),
  );
