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
      report([...path, key], unknownKey(key, Object.keys(fields)));
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
  const parsed = parse(schema, raw);
  if (parsed === null) {
    report(path, 'has a map where there must be a text or a list');
    return undefined;
  }
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const at = [...path, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) report([...at, key], unknownKey(key, knownKeys(schema, issue.path)));
    } else report(at, issue.message);
  }
  return undefined;
}

/** Null where that throws: zod compares the `length` of whatever should be a text or a list, which a map may have as it likes. */
function parse<S extends z.ZodType>(schema: S, raw: unknown): z.ZodSafeParseResult<z.output<S>> | null {
  try {
    return schema.safeParse(raw, { error: inWords });
  } catch {
    return null;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a map',
  record: 'a map',
  string: 'a text',
};

/** What is wrong in an author's words, where a schema has none of its own: zod's are for programmers. */
const inWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return 'is missing';
    const expected = KINDS[issue.expected];
    return expected && `must be ${expected}, not ${kindOf(issue.input)}`;
  }
  if (issue.code === 'invalid_value') return `must be ${issue.values.join(' or ')}`;
  if (issue.code === 'too_small' && issue.origin === 'string') return 'must not be empty';
  if (issue.code === 'too_small') return `${verbFor(issue.origin)} at least ${issue.minimum}`;
  if (issue.code === 'too_big' && issue.origin === 'string')
    return `is longer than ${issue.maximum} characters`;
  if (issue.code === 'too_big') return `${verbFor(issue.origin)} at most ${issue.maximum}`;
  return undefined;
};

const verbFor = (origin: string): string => (origin === 'array' ? 'must have' : 'must be');

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return KINDS[typeof value] ?? typeof value;
}

const unknownKey = (key: string, known: readonly string[]): string =>
  `unknown key “${key}”${known.length > 0 ? `; known are ${known.join(', ')}` : ''}`;

/** Those of the map at `path` in what a schema takes, where that is a map of given keys. */
function knownKeys(schema: z.core.$ZodType, path: Path): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return knownKeys(schema.unwrap(), path);
  }
  if (!(schema instanceof z.ZodObject)) return [];
  const [key, ...rest] = path;
  if (key === undefined) return Object.keys(schema.shape);
  const inner: z.core.$ZodType | undefined = schema.shape[String(key)];
  return inner === undefined ? [] : knownKeys(inner, rest);
}
