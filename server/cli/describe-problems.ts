import { relative } from 'node:path';
import type { Problem } from '../scenarios/problem.ts';

export const problemLine = ({ file, line, column, message }: Problem): string =>
  `${file}:${line}:${column}: ${message}`;

/** A line for each problem, with file names as they are seen from a folder. */
export const describeProblems = (problems: readonly Problem[], from: string): string =>
  problems.map((problem) => `${problemLine({ ...problem, file: seenFrom(from, problem.file) })}\n`).join('');

const seenFrom = (from: string, file: string): string => {
  const path = relative(from, file);
  return path.startsWith('..') || path === '' ? file : path;
};
