import { z } from 'zod';

/**
 * One thing that was looked at. `warning`: labs can run, but somebody should know. `problem`: they cannot. What a
 * finding rests on follows under names of its own, for programs that read it.
 */
export const Finding = z.looseObject({
  id: z.string().regex(/^[a-z]+(-[a-z]+)*$/),
  state: z.enum(['ok', 'warning', 'problem']),
  /** A sentence that says what was found. */
  message: z.string(),
  /** What to do; where the state is not ok. */
  remedy: z.string().optional(),
});
export type Finding = z.infer<typeof Finding>;

/** What `doctor --json` prints. */
export const DoctorReport = z.strictObject({
  version: z.string(),
  /** Whether labs can run. */
  ok: z.boolean(),
  findings: z.array(Finding),
});
export type DoctorReport = z.infer<typeof DoctorReport>;

type Data = Readonly<Record<string, unknown>>;

export const ok = (id: string, message: string, data: Data = {}): Finding => ({
  id,
  state: 'ok',
  message,
  ...data,
});

export const warning = (id: string, message: string, remedy: string, data: Data = {}): Finding => ({
  id,
  state: 'warning',
  message,
  remedy,
  ...data,
});

export const problem = (id: string, message: string, remedy: string, data: Data = {}): Finding => ({
  id,
  state: 'problem',
  message,
  remedy,
  ...data,
});

/** The same for a person. */
export function describeReport({ version, ok: canRun, findings }: DoctorReport): string {
  const lines = findings.flatMap(({ state, message, remedy }) => [
    `${state.padEnd(8)} ${message}`,
    ...(remedy === undefined
      ? []
      : remedy
          .split('\n')
          .map((line, i) => `${i === 0 ? '      → ' : ''}${i === 0 ? '' : '        '}${line}`)),
  ]);
  const end = canRun
    ? 'Labs can run.'
    : 'Labs cannot run yet. Mend what is called a problem above and look again.';
  return `Drydock ${version}\n\n${lines.join('\n')}\n\n${end}\n`;
}
