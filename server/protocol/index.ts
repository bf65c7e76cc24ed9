export * from './errors.ts';
export * from './limits.ts';
export * from './messages.ts';
export * from './names.ts';
export * from './routes.ts';
export * from './scenario.ts';
export * from './session.ts';
export * from './verdict.ts';
