import { z } from 'zod';
import type { Path } from './yaml-file.ts';

type Fields = Readonly<Record<string, z.ZodType>>;

/** What could be read; a field that could not is absent and has been reported. */
export type Read<F extends Fields> = { [K in keyof F]?: z.output<F[K]> };

export type Report = (path: Path, message: string) => void;

/** Parse a map field by field, reporting every field that is wrong, missing or not known. */
export function readFields<F extends Fields>(fields: F, raw: unknown, path: Path, report: Report): Read<F> {
  const map = z.record(z.string(), z.unknown()).safeParse(raw);
  if (!map.success) {
    report(path, `must be a map with ${Object.keys(fields).join(', ')}`);
    return {};
  }
  for (const key of Object.keys(map.data)) {
    if (!Object.hasOwn(fields, key)) {
      report([...path, key], `unknown key “${key}”; known are ${Object.keys(fields).join(', ')}`);
    }
  }
  const read: Read<F> = {};
  const readField = <K extends keyof F & string>(key: K, schema: F[K]) => {
    const value = parseAt(schema, map.data[key], [...path, key], report);
    if (value !== undefined) read[key] = value;
  };
  for (const key in fields) readField(key, fields[key]);
  return read;
}

/** Parse one value, reporting each issue at its own place; undefined where there was one. */
export function parseAt<S extends z.ZodType>(
  schema: S,
  raw: unknown,
  path: Path,
  report: Report,
): z.output<S> | undefined {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const extra = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    report([...path, ...issue.path, ...extra], issue.message);
  }
  return undefined;
}
