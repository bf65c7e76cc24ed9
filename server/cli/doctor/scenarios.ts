import type { LoadedScenarios } from '../../scenarios/load-scenarios.ts';
import { problemLine } from '../describe-problems.ts';
import { count } from '../quantities.ts';
import { ok, problem, warning, type Finding } from './finding.ts';

/** What is wrong with the scenarios: one that has a problem is left out of the catalogue. */
export function scenarioFinding({ scenarios, problems }: LoadedScenarios): Finding {
  const data = { scenarios: [...scenarios.keys()], problems };
  const loaded = `${count(scenarios.size, 'scenario')} can be served`;
  if (problems.length === 0 && scenarios.size > 0) return ok('scenarios', `${loaded}.`, data);
  const remedy = ['Mend these:', ...problems.map(problemLine)].join('\n');
  if (scenarios.size > 0) return warning('scenarios', `${loaded}; others have problems.`, remedy, data);
  return problem(
    'scenarios',
    'No scenario can be served.',
    problems.length > 0
      ? remedy
      : 'Name the folder that yours are in by DRYDOCK_SCENARIOS, or set DRYDOCK_OWN_LABS=on for Drydock’s own.',
    data,
  );
}
