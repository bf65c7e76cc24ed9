import { describe, expect, it } from 'vitest';
import { parseRoute, Router } from '../../../../web/src/state/router.ts';

describe('routes', () => {
  it.each([
    ['/', { page: 'catalogue' }],
    ['/labs/swarm-load-balancing', { page: 'lab', slug: 'swarm-load-balancing' }],
    ['/labs/swarm/', { page: 'lab', slug: 'swarm' }],
    ['/labs/../etc', { page: 'not-found' }],
    ['/labs/Swarm', { page: 'not-found' }],
    ['/labs', { page: 'not-found' }],
  ])('reads %s', (path, route) => {
    expect(parseRoute(path)).toEqual(route);
  });

  it('goes on by pushing and back with the browser', () => {
    const visited = ['/'];
    let move: (() => void) | undefined;
    const router = new Router({
      path: () => visited.at(-1) ?? '/',
      push: (path) => visited.push(path),
      onMove: (listener) => {
        move = listener;
      },
    });
    router.go('/labs/swarm');
    router.go('/labs/swarm');
    expect(visited).toEqual(['/', '/labs/swarm']);
    visited.pop();
    move?.();
    expect(router.route.value).toEqual({ page: 'catalogue' });
  });
});
