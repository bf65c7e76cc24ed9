import type { Locale, LocalizedText } from '../protocol/index.ts';
import type { CheckResult, CommandResult, MutationResult, Proof, StepResult } from './proof.ts';

/** How a proof has ended, for a person who was told its results one by one; of wrong states where some were to be tried. */
export function describeEnd(proof: Omit<Proof, 'engine'>, mutations: boolean): string {
  const verdict = proof.holds ? 'holds' : 'does not hold';
  const found = [
    count(proof.steps, 'step'),
    ...(mutations ? [count(proof.mutations, 'wrong state')] : []),
    `${Math.round(proof.seconds)} s`,
  ];
  return `\n${proof.scenario} ${verdict}: ${found.join(', ')}.\n`;
}

/** What was found of a step or a wrong state: a line, and below it what was wrong with it. */
export function describeResult(
  result: StepResult | MutationResult,
  where: 'on the way' | 'alone',
  locale: Locale,
): string {
  return 'wrong' in result ? describeMutation(result, locale) : describeStep(result, where, locale);
}

function describeStep(step: StepResult, where: 'on the way' | 'alone', locale: Locale): string {
  const name = where === 'alone' ? `${step.id}, on a cluster of its own` : step.id;
  return lines([line(step.holds, name, step.seconds), ...faults(step, locale)]);
}

function describeMutation(mutation: MutationResult, locale: Locale): string {
  const name = `${mutation.step}: ${mutation.name}`;
  return lines([line(mutation.holds, name, mutation.seconds), ...mutationFaults(mutation, locale)]);
}

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('');

const line = (holds: boolean, text: string, seconds: number): string =>
  `${holds ? 'ok  ' : 'FAIL'}  ${seconds.toFixed(1).padStart(6)} s  ${text}`;

function* faults({ before, commands, after }: StepResult, locale: Locale): Generator<string> {
  for (const check of before) {
    if (check.verdict.outcome === 'fail') continue;
    yield indent(
      check.verdict.outcome === 'pass'
        ? `${check.validator} (${check.title}) holds before the step's commands have run, so that it asks for nothing.`
        : said(check, locale),
    );
  }
  for (const command of commands) yield* commandFaults(command);
  for (const check of after) if (check.verdict.outcome !== 'pass') yield indent(said(check, locale));
}

function* commandFaults({ host, command, exitCode, problem, output }: CommandResult): Generator<string> {
  if (problem === undefined) {
    // It may well be meant so.
    if (exitCode !== null && exitCode !== 0)
      yield indent(`On ${host}, “${command}” ended with code ${exitCode}.`);
    return;
  }
  yield indent(`On ${host}, “${command}”: ${problem}`);
  if (exitCode === null && output !== '') yield output.trim().split(/\r?\n/).map(indent).join('\n');
}

function* mutationFaults(
  { wrong, undone, check, because, problem, holds }: MutationResult,
  locale: Locale,
): Generator<string> {
  if (holds) return;
  if (problem !== undefined) yield indent(problem);
  yield indent(`${check} was to turn red with “${because}”. While it was wrong:`);
  for (const each of wrong) yield indent(said(each, locale));
  for (const each of undone) {
    if (each.verdict.outcome !== 'pass') yield indent(`Once it was undone: ${said(each, locale)}`);
  }
  if (undone.some(({ verdict }) => verdict.outcome !== 'pass')) {
    yield indent('What comes after it was not tried.');
  }
}

const said = ({ validator, title, verdict }: CheckResult, locale: Locale): string =>
  verdict.outcome === 'pass'
    ? `${validator} (${title}): pass`
    : `${validator} (${title}): ${verdict.outcome}, ${inLocale(verdict.reason, locale)}`;

const inLocale = (text: LocalizedText, locale: Locale): string => text[locale] ?? text.en ?? '';

const indent = (text: string): string => `        ${text}`;

const count = (things: readonly unknown[], name: string): string =>
  `${things.length} ${name}${things.length === 1 ? '' : 's'}`;
