import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { z } from 'zod';
import { saysDiskFull } from '../engines/disk-space.ts';
import { UserError } from '../engines/user-error.ts';
import { labelledContext, type Labels } from './labelled-context.ts';

/** An image and the folder that holds its Dockerfile. */
export type ImageRecipe = {
  name: string;
  context: string;
  /** Build arguments of its own. */
  args?: Readonly<Record<string, string>>;
  /** On the image, and on those without a name that building it makes on the way. */
  labels?: Labels;
};

/** What an image is built with on a machine where only a package mirror can be reached. */
export type BuildMeans = {
  /** The image that stands in for `debian:trixie-slim`. */
  base: string;
  /** A line for apt's sources. */
  aptSources: string;
  /** The proxies that this machine fetches through, as variables such as `http_proxy`. */
  proxies: Readonly<Record<string, string>>;
};

/** One line of the engine's report of a build. */
const BuildLine = z.object({ stream: z.string().optional(), error: z.string().optional() });

/**
 * Build an image with the engine's classic builder, which every engine has. What it does is handed to `onLine`;
 * a build that fails throws the end of what it said, as a UserError where its Dockerfile or a command of it failed.
 */
export async function buildImage(
  docker: Docker,
  recipe: ImageRecipe,
  means: BuildMeans,
  onLine: (line: string) => void,
): Promise<void> {
  await using labelled = recipe.labels && (await labelledContext(recipe.context, recipe.labels));
  const folder = labelled?.folder ?? recipe.context;
  const context = { context: folder, src: await readdir(folder) };
  const progress = await docker
    .buildImage(context, {
      t: recipe.name,
      // The builder knows the proxies' names without an ARG, and keeps them out of the image and its history.
      buildargs: { ...means.proxies, ...recipe.args, BASE: means.base, APT_SOURCES: means.aptSources },
      // The package mirror is reached as this machine reaches it, also where the engine has no bridge.
      networkmode: 'host',
      forcerm: true,
    })
    .catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      throw isRefusal(error) ? faultyRecipe(recipe, message, []) : new Error(report(recipe, message, []));
    });
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      progress,
      (error) => {
        if (error) reject(new Error(report(recipe, error.message, said), { cause: error }));
        else resolve();
      },
      (event: unknown) => {
        const { stream, error } = BuildLine.parse(event);
        if (error !== undefined) reject(faultyRecipe(recipe, error, said));
        const line = stream?.trim();
        if (line === undefined || line === '') return;
        said.push(line);
        if (said.length > 20) said.shift();
        onLine(line);
      },
    );
  });
}

const report = ({ name }: ImageRecipe, message: string, said: readonly string[]) =>
  [`The image ${name} could not be built: ${message}`, ...said].join('\n');

function faultyRecipe(recipe: ImageRecipe, message: string, said: readonly string[]): UserError {
  const what = report(recipe, message, said);
  const remedy = saysDiskFull(what)
    ? 'The disk of the engine is full. Free some of it and start again.'
    : `See to ${join(recipe.context, 'Dockerfile')} and start again.`;
  return new UserError(`${what}\n${remedy}`);
}

/** The engine does not understand the Dockerfile. */
const isRefusal = (error: unknown) =>
  typeof error === 'object' && error !== null && 'statusCode' in error && error.statusCode === 400;
