import { pino } from 'pino';
import type { Scenario } from '../../server/scenarios/scenario.ts';
import { EngineGate, type EngineMeans } from '../../server/sessions/engine-gate.ts';
import type { OpenChecks } from '../../server/sessions/lab-checks.ts';
import { SessionManager } from '../../server/sessions/manager.ts';
import { OwnHostsGate } from '../../server/sessions/own-hosts-gate.ts';
import { openSessionStore, type SessionStore } from '../../server/sessions/store.ts';
import { NO_TERMS, type SessionTerms } from '../../server/sessions/terms.ts';
import { FakeProvisioner } from './fake-provisioner.ts';
import { MemoryLog } from './memory-log.ts';
import { twoStepScenario } from './scenarios.ts';
import { ScriptedChecks } from './scripted-checks.ts';

export type TestSessionsOptions = {
  scenario?: Scenario;
  /** Where hosts come from: an engine that is ready and holds ten labs, unless another `engine` is told. */
  provisioner?: FakeProvisioner;
  engine?: EngineGate;
  /** What another server has kept. */
  store?: SessionStore;
  /** How long labs may go on and be left alone; for ever unless told. */
  terms?: Partial<SessionTerms>;
  /** Verdicts come from these, unless real ones are opened. */
  checks?: ScriptedChecks;
  openChecks?: OpenChecks;
  onOpenChange?: (open: number) => void;
};

/** An engine that is ready. */
export function readyEngine(means: EngineMeans): EngineGate {
  const engine = new EngineGate();
  engine.open(means);
  return engine;
}

/** The sessions of a server without its adapters: over fake hosts and scripted checks, unless real ones are told. */
export function testSessions({
  scenario = twoStepScenario,
  provisioner = new FakeProvisioner(),
  engine = readyEngine(provisioner.means(10)),
  store = openSessionStore(':memory:'),
  terms = {},
  checks = new ScriptedChecks(),
  openChecks = checks.open,
  onOpenChange = () => undefined,
}: TestSessionsOptions = {}) {
  const lines = new MemoryLog();
  const sessions = new SessionManager({
    scenarios: new Map([[scenario.slug, scenario]]),
    provision: engine.provision,
    adopt: engine.adopt,
    remove: engine.remove,
    requireRoom: engine.requireRoom,
    ownHosts: new OwnHostsGate(),
    engineEnded: engine.hasEnded,
    onOpenChange,
    store,
    terms: { ...NO_TERMS, ...terms },
    openChecks,
    log: pino({ level: 'debug' }, lines),
  });
  engine.countLabs(() => sessions.open);
  return { sessions, provisioner, engine, store, checks, lines };
}
