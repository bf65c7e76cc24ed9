import { askState, endLab } from '../control/control-client.ts';
import type { RunningLab } from '../control/state.ts';
import { UserError } from '../engines/user-error.ts';

/** End the lab of an id, or of the beginning of one; resolves with it once all of it has been removed. */
export async function endOneLab(cache: string, wanted: string): Promise<RunningLab> {
  const state = await askState(cache);
  if (state === null) throw new UserError('No Drydock is running, so there is no lab to end.');
  const [lab, ...others] = state.labs.filter(({ id }) => id.startsWith(wanted.toLowerCase()));
  if (lab !== undefined && others.length > 0) {
    const ids = [lab, ...others].map(({ id }) => id).join(', ');
    throw new UserError(`“${wanted}” is the beginning of several labs’ ids: ${ids}. Write more of it.`);
  }
  if (wanted === '' || lab === undefined || !(await endLab(cache, lab.id))) {
    throw new UserError(
      `No lab with the id “${wanted}” is running. “npm run drydock -- ps” lists those that are.`,
    );
  }
  return lab;
}
