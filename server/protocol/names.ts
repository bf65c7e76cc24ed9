import { z } from 'zod';

/** A host of a cluster as the learner sees it: host01 to host05. */
export const HostName = z.string().regex(/^host0[1-5]$/, 'must be one of host01 to host05');
export type HostName = z.infer<typeof HostName>;

// Of a text that anybody may send, the length is told by the pattern, too: zod's own checks of it compare the `length` of
// whatever they are given, text or not, and throw where that cannot be compared.

/** A scenario's folder name; the path of its page. */
export const Slug = z
  .string()
  .regex(
    /^(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*$/,
    'must have lower case letters, digits and single hyphens only, 64 at most',
  );
export type Slug = z.infer<typeof Slug>;

/** A step's id, unique within its scenario. */
export const StepId = Slug;
export type StepId = z.infer<typeof StepId>;

/**
 * A command block of a step's text; the client names it, the server knows its text. The number is its place on the page,
 * and what follows a digest, so that an edited command is another block.
 */
export const BlockId = z.string().regex(/^b[1-9][0-9]{0,2}(-[0-9a-f]{6})?$/);
export type BlockId = z.infer<typeof BlockId>;

/** Names one session among all: random, and another where a lab is started again. */
export const RunId = z.uuid();
export type RunId = z.infer<typeof RunId>;

/** A terminal of a session: one shell at a time, one stream of output. `host01` is its host's first, `host01-2` another. */
export const TerminalId = z.string().regex(/^host0[1-5](-[1-9])?$/);
export type TerminalId = z.infer<typeof TerminalId>;

/** Names the numbering of a terminal's bytes: two with the same name number the same bytes alike, over restarts of the server. */
export const LogId = z.uuid();
export type LogId = z.infer<typeof LogId>;

/** Languages that the page and the scenarios are written in. */
export const LOCALES = ['en', 'zh-CN'] as const;
export const Locale = z.enum(LOCALES);
export type Locale = z.infer<typeof Locale>;

/** A text in one language at least. */
export const LocalizedText = z.partialRecord(Locale, z.string());
export type LocalizedText = z.infer<typeof LocalizedText>;
