import { signal, type ReadonlySignal } from '@preact/signals';
import type { Slug } from '../../../server/protocol/index.ts';

/** A page of the application. */
export type Route = { page: 'catalogue' } | { page: 'lab'; slug: Slug } | { page: 'not-found' };

/** The page that a path names. */
export function parseRoute(path: string): Route {
  if (path === '/') return { page: 'catalogue' };
  const slug = /^\/labs\/([a-z0-9]+(?:-[a-z0-9]+)*)\/?$/.exec(path)?.[1];
  return slug === undefined ? { page: 'not-found' } : { page: 'lab', slug };
}

export const paths = {
  catalogue: () => '/',
  lab: (slug: Slug) => `/labs/${slug}`,
} as const;

/** What the router needs of a window; tests give a plain object. */
export type Navigation = {
  path: () => string;
  push: (path: string) => void;
  /** Called at back and forward. */
  onMove: (listener: () => void) => void;
};

/** Which page is shown, in step with the address bar. */
export class Router {
  readonly #navigation: Navigation;
  readonly #route;

  constructor(navigation: Navigation) {
    this.#navigation = navigation;
    this.#route = signal(parseRoute(navigation.path()));
    navigation.onMove(() => {
      this.#route.value = parseRoute(navigation.path());
    });
  }

  get route(): ReadonlySignal<Route> {
    return this.#route;
  }

  go(path: string): void {
    if (path !== this.#navigation.path()) this.#navigation.push(path);
    this.#route.value = parseRoute(path);
  }
}
