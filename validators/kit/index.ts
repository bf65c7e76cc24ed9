export * from './cluster-view.ts';
export * from './context.ts';
export * from './define-check.ts';
export * from './eventually.ts';
export * from './image-name.ts';
export * from './params.ts';
export * from './swarm.ts';
export * from './verdict.ts';
