import { EngineFullError } from '../clusters/engine-full-error.ts';
import type { HostName, Locale, LocalizedText } from '../protocol/index.ts';
import { EngineEndedError } from './engine-gate.ts';
import { LabError } from './errors.ts';

const PROVISION_FAILED: Record<Locale, string> = {
  en: 'The hosts of this lab could not be started. Start the lab again; if that fails too, the server’s log has the cause.',
  'zh-CN': '这个实验的主机无法启动。请重新开始实验；如果仍然失败，请查看服务器日志了解原因。',
};

const ENGINE_FULL: Record<Locale, string> = {
  en: 'The disk that all labs share is full, so the hosts of this one could not be started. End labs that nobody needs, then start this one again.',
  'zh-CN': '所有实验共用的磁盘已满，因此这个实验的主机无法启动。请先结束不再需要的实验，然后重新开始。',
};

export const HOSTS_GONE: Record<Locale, string> = {
  en: 'The hosts of this lab were gone when the server was started again. Reset the lab for fresh hosts, or start it again.',
  'zh-CN': '服务器重新启动后，这个实验的主机已经不在了。请重置实验以获得全新的主机，或重新开始。',
};

export const ENGINE_ENDED: Record<Locale, string> = {
  en: 'The engine that this lab ran on has ended unexpectedly, and the hosts with it. Reset the lab or start it again; it runs on a new engine then.',
  'zh-CN': '运行这个实验的引擎意外终止，主机也随之消失。请重置实验或重新开始，它将在新的引擎上运行。',
};

/** A host has stopped without anybody's doing. */
export const hostLost = (host: HostName): Record<Locale, string> => ({
  en: `${host} has stopped, and the lab cannot go on without it. Reset the lab for fresh hosts, or start it again.`,
  'zh-CN': `${host} 已停止运行，实验无法继续。请重置实验以获得全新的主机，或重新开始。`,
});

/** Why there are no hosts, for the learner. The engine may have refused them in words of its own. */
export function provisionFailure(error: unknown): LocalizedText {
  if (error instanceof LabError) return error.toApiError().message;
  if (error instanceof EngineEndedError) return ENGINE_ENDED;
  return error instanceof EngineFullError ? ENGINE_FULL : PROVISION_FAILED;
}
