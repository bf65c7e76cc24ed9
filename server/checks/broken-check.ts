import type { Verdict } from '../../validators/kit/index.ts';
import { EngineError } from './engine-error.ts';

const LONGEST = 300;

/** The verdict for a check that threw: what broke, and that the learner's work is not judged by it. */
export function brokenCheck(error: unknown): Verdict {
  const detail = (error instanceof Error ? error.message : String(error)).slice(0, LONGEST);
  if (error instanceof EngineError) {
    return {
      outcome: 'error',
      reason: {
        en: `Docker on ${error.host} could not be asked (${detail}). This says nothing of your work: see that “docker info” answers there, then check again.`,
        'zh-CN': `无法查询 ${error.host} 上的 Docker（${detail}）。这不代表你的操作有误：请先确认 docker info 在该主机上有响应，然后重新检查。`,
      },
    };
  }
  return {
    outcome: 'error',
    reason: {
      en: `The check itself broke (${detail}). This says nothing of your work: check again, and if it goes on, tell whoever runs this lab.`,
      'zh-CN': `检查程序自身出错了（${detail}）。这不代表你的操作有误：请重新检查；如果一直这样，请告诉实验的管理员。`,
    },
  };
}

/** The verdict for a check that had not ended in its time. */
export function outOfTime(timeoutMs: number): Verdict {
  const seconds = Math.round(timeoutMs / 1000);
  return {
    outcome: 'error',
    reason: {
      en: `The check had no answer from the hosts within ${seconds} seconds. This says nothing of your work: wait until the terminals react again, then check once more.`,
      'zh-CN': `检查在 ${seconds} 秒内没有得到主机的答复。这不代表你的操作有误：请等终端恢复响应后再检查一次。`,
    },
  };
}
