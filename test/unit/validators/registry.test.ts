import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { canonicalImage } from '../../../validators/kit/index.ts';
import { validators } from '../../../validators/index.ts';

test('every validator file is registered under its own name', async () => {
  const files = await readdir(new URL('../../../validators/', import.meta.url));
  const names = files.filter((file) => file.endsWith('.ts') && file !== 'index.ts');
  expect([...validators.keys()].toSorted()).toEqual(names.map((file) => file.slice(0, -3)).toSorted());
});

test.each([
  ['alpine', 'alpine:latest'],
  ['docker.io/library/alpine:latest', 'alpine:latest'],
  ['redis:alpine@sha256:0123', 'redis:alpine'],
  ['localhost:5000/katacoda/app', 'localhost:5000/katacoda/app:latest'],
])('the image %s is %s', (name, canonical) => {
  expect(canonicalImage(name)).toBe(canonical);
});
