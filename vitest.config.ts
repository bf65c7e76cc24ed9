import { defineConfig } from 'vitest/config';

const BROWSER = './test/support/prepare-browser.ts';
const ENGINE = './test/support/prepare-engine.ts';

/** A project per kind of test, from quick to slow, each group after the one before it. */
const projects = [
  { name: 'unit', groupOrder: 0 },
  { name: 'integration', groupOrder: 1 },
  { name: 'page', groupOrder: 2, globalSetup: BROWSER },
  // One virtual machine at a time: each takes half of the machine.
  { name: 'engine', groupOrder: 3, fileParallelism: false, globalSetup: ENGINE },
  { name: 'e2e', groupOrder: 4, fileParallelism: false, globalSetup: [BROWSER, ENGINE] },
  // What takes long: `npm run test:full` alone runs it,
  { name: 'full', groupOrder: 5, fileParallelism: false, globalSetup: ENGINE },
  // and what takes longer than every change can wait for: `npm run test:release`.
  { name: 'release', groupOrder: 6, fileParallelism: false, globalSetup: ENGINE },
];

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    // What is tested is the same on a machine that has a Docker engine; tests of one name it themselves.
    env: { DRYDOCK_ENGINE: 'embedded' },
    // A second, and five for a test, which are the defaults, are too little on a machine that has other things to do.
    expect: { poll: { timeout: 10_000 } },
    testTimeout: 30_000,
    reporters: ['default', './test/support/time-budget.ts', './test/support/closing-line.ts'],
    projects: projects.map(({ name, groupOrder, ...rest }) => ({
      extends: true,
      test: { name, include: [`test/${name}/**/*.test.{ts,tsx}`], sequence: { groupOrder }, ...rest },
    })),
  },
});
