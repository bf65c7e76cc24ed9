import { relative } from 'node:path';
import type { Problem } from '../scenarios/problem.ts';

/** A line for each problem, with file names as they are seen from a folder. */
export const describeProblems = (problems: readonly Problem[], from: string): string =>
  problems
    .map(({ file, line, column, message }) => `${seenFrom(from, file)}:${line}:${column}: ${message}\n`)
    .join('');

const seenFrom = (from: string, file: string): string => {
  const path = relative(from, file);
  return path.startsWith('..') || path === '' ? file : path;
};
