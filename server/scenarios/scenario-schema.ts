import { z } from 'zod';
import { Difficulty, HostName, LocalizedText, StepId } from '../protocol/index.ts';

/** In each of its languages something to read. */
const Words = LocalizedText.superRefine((text, context) => {
  for (const [locale, words] of Object.entries(text)) {
    if (words.trim() === '')
      context.addIssue({ code: 'custom', path: [locale], message: 'must not be empty' });
  }
});

/** A text's base name: `step1` is step1.md in English and step1.zh-CN.md in Chinese. */
const PageName = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be a file name without its ending');

/** As a command writes it: repository and perhaps a tag. */
const ImageName = z
  .string()
  .max(200)
  .regex(
    /^[a-z0-9]+([._/-][a-z0-9]+)*(:[A-Za-z0-9_.-]{1,128})?$/,
    'must be an image name such as redis:alpine',
  );

/** As ssh takes it: nothing that it could read as an option, and nothing but a user and a name or address. */
const SshDestination = z
  .string()
  .max(255)
  .regex(
    /^[A-Za-z_][A-Za-z0-9_.-]*@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/,
    'must be user@name, as ssh takes it',
  );

/** A host that exists already: its name, and what it is. */
const OwnHostEntry = z
  .partialRecord(HostName, z.union([z.literal('local'), z.strictObject({ ssh: SshDestination })]))
  .refine((entry) => Object.keys(entry).length === 1);

const A_HOST =
  'must be one of host01 to host05, alone or with what it is: host01: local, or host01: { ssh: user@name }';

const hostOf = (entry: string | object): string | undefined =>
  typeof entry === 'string' ? entry : Object.keys(entry)[0];

const unique = (items: readonly unknown[]) => new Set(items).size === items.length;

/** scenario.yaml, field by field, so that one bad field does not hide the problems of the others. */
export const scenarioFields = {
  title: Words.refine(
    (text) => Object.keys(text).length > 0,
    'needs a text in one language at least',
  ).describe('The title. Its languages are those that every text of the scenario must have.'),
  summary: Words.describe('One or two sentences for the catalogue.'),
  minutes: z.int().positive().describe('How long it takes, roughly.'),
  gating: z
    .enum(['strict', 'free'])
    .default('strict')
    .describe(
      'strict: a step opens once the one before it has passed. free: every step can be read and checked from the start.',
    ),
  'time-limit': z
    .int()
    .min(5)
    .max(10_080)
    .optional()
    .describe(
      'Minutes that a learner has for it, unless extended, where the server limits time at all; the server’s own limit unless told.',
    ),
  difficulty: Difficulty.optional().describe('For whom it is, as the catalogue says.'),
  hosts: z
    .array(z.union([HostName, OwnHostEntry], { error: A_HOST }))
    .min(1)
    .refine((hosts) => unique(hosts.map(hostOf)), 'must not name a host twice')
    .refine(
      (hosts) => new Set(hosts.map((host) => typeof host)).size <= 1,
      'must all be made by Drydock (host01) or all be machines that exist already (host01: local)',
    )
    .describe(
      'Its hosts, host01 to host05. The first is where a command runs that names none. host01: local is the machine that runs Drydock, host01: { ssh: user@name } one that exists already.',
    ),
  needs: z
    .array(z.enum(['swarm']))
    .default([])
    .describe('Kernel features that the engine must have.'),
  images: z
    .array(ImageName)
    .refine(unique, 'must not name an image twice')
    .default([])
    .describe(
      'Every image that its commands name, each built from the folder in images/ that is named after the last part of its name, without the tag; where there is none, from that of another lab, Drydock’s own among them.',
    ),
  intro: PageName.describe('The text before the lab is started: intro is intro.md, or intro.zh-CN.md.'),
  steps: z.array(z.unknown()).min(1).max(50).describe('What the learner does, one step after the other.'),
  finish: PageName.describe('The text after the last step.'),
};

export const stepFields = {
  id: StepId.describe(
    'Its name in addresses, which no other step has and which stays when the step is edited.',
  ),
  title: Words.describe('Its title, in every language of the scenario.'),
  text: PageName.describe('Its text: step1 is step1.md, or step1.zh-CN.md.'),
  'rests-on': z
    .array(StepId)
    .refine(unique, 'must not name a step twice')
    .default([])
    .describe('Ids of earlier steps whose checks must still hold when this one is checked.'),
  checks: z
    .array(
      z.record(z.string(), z.unknown(), { error: 'must be a validator with its parameters: name: { … }' }),
    )
    .max(50)
    .default([])
    .describe('What must hold for the next step to open. A step without any passes by itself.'),
};

export const CheckTitle = Words.describe('What the check asks, in place of the validator’s own words.');
