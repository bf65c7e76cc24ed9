import { z } from 'zod';
import { HostName, LocalizedText, StepId } from '../protocol/index.ts';

/** A text's base name: `step1` is step1.md in English and step1.zh-CN.md in Chinese. */
const PageName = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be a file name without its ending');

/** As a command writes it: repository and perhaps a tag. */
const ImageName = z
  .string()
  .regex(
    /^[a-z0-9]+([._/-][a-z0-9]+)*(:[A-Za-z0-9_.-]{1,128})?$/,
    'must be an image name such as redis:alpine',
  );

const unique = (items: readonly unknown[]) => new Set(items).size === items.length;

/** scenario.yaml, field by field, so that one bad field does not hide the problems of the others. */
export const scenarioFields = {
  title: LocalizedText.refine(
    (text) => Object.keys(text).length > 0,
    'needs a text in one language at least',
  ),
  /** One or two sentences for the catalogue. */
  summary: LocalizedText,
  minutes: z.int().positive(),
  hosts: z.array(HostName).min(1).refine(unique, 'must not name a host twice'),
  /** Kernel features that the engine must have. */
  needs: z.array(z.enum(['swarm'])).default([]),
  /** Each has a folder in images/ named after the last part of its name, without the tag. */
  images: z.array(ImageName).refine(unique, 'must not name an image twice').default([]),
  intro: PageName,
  steps: z.array(z.unknown()).min(1),
  finish: PageName,
};

export const stepFields = {
  id: StepId,
  title: LocalizedText,
  text: PageName,
  /** Ids of earlier steps whose checks must still hold when this one is checked. */
  'rests-on': z.array(StepId).refine(unique, 'must not name a step twice').default([]),
  /** Each is a map with a validator's name and its parameters, and perhaps a `title` of its own. */
  checks: z.array(z.record(z.string(), z.unknown())).default([]),
};

export const CheckTitle = LocalizedText;
