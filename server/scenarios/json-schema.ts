import { z } from 'zod';
import { validators } from '../../validators/index.ts';
import { CheckTitle, scenarioFields, stepFields } from './scenario-schema.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What an editor knows of scenario.yaml: made of what the loader checks it with, each validator's parameters included. */
export function scenarioJsonSchema(): JsonSchema {
  const checks = [...validators.values()].map(({ name, params }) =>
    z.strictObject({ [name]: params, title: CheckTitle.optional() }),
  );
  const [first, second, ...others] = checks;
  if (!first || !second) throw new Error('there are no validators to choose from');
  const step = z.strictObject({
    ...stepFields,
    checks: withDescription(z.array(z.union([first, second, ...others])).default([]), stepFields.checks),
  });
  const scenario = z.strictObject({
    ...scenarioFields,
    steps: withDescription(z.array(step).min(1), scenarioFields.steps),
  });
  const schema = z.toJSONSchema(scenario, {
    // The newest that editors' language servers know well.
    target: 'draft-7',
    // As an author writes it: what may be left out is not required.
    io: 'input',
    // What zod alone can check, an editor lets pass.
    unrepresentable: 'any',
    override: ({ jsonSchema }) => listLanguages(jsonSchema),
  });
  return { ...schema, title: 'A scenario of Drydock' };
}

const withDescription = <S extends z.ZodType>(schema: S, { description }: z.ZodType): S =>
  description === undefined ? schema : schema.describe(description);

/** A text by language is a map of any of some keys, which editors only offer where each is a property. */
function listLanguages(schema: JsonSchema): void {
  const { propertyNames, additionalProperties } = schema;
  if (typeof propertyNames !== 'object' || !propertyNames.enum || additionalProperties === undefined) return;
  schema.properties = Object.fromEntries(
    propertyNames.enum.map((key) => [String(key), additionalProperties]),
  );
  schema.additionalProperties = false;
  delete schema.propertyNames;
}
