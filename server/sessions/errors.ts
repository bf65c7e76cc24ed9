import { MAX_TERMINALS_PER_HOST } from '../protocol/index.ts';
import type { ApiError, ErrorCode, Locale, LocalizedText } from '../protocol/index.ts';

const MESSAGES: Record<ErrorCode, Record<Locale, string>> = {
  bad_request: {
    en: 'The server does not understand this request. Reload the page and try again.',
    'zh-CN': '服务器无法理解此请求。请刷新页面后重试。',
  },
  forbidden_origin: {
    en: 'This request came from another site and was refused. Open the lab at its own address.',
    'zh-CN': '此请求来自其他网站，已被拒绝。请通过实验平台自己的地址访问。',
  },
  access_required: {
    en: 'This server asks for a code first. Reload the page and enter the one that you were given.',
    'zh-CN': '这台服务器需要访问码。请刷新页面并输入你得到的访问码。',
  },
  code_wrong: {
    en: 'This is not the code. Check it, or ask whoever invited you.',
    'zh-CN': '访问码不正确。请核对，或向邀请你的人询问。',
  },
  too_many_requests: {
    en: 'That was too often in a short time. Wait a minute, then try again.',
    'zh-CN': '短时间内操作过于频繁。请稍等一分钟后重试。',
  },
  too_many_labs: {
    en: 'You have as many labs open as one person may. End one of them, then start this one.',
    'zh-CN': '你同时打开的实验已达上限。请先结束其中一个，再开始这个实验。',
  },
  too_large: {
    en: 'This request is larger than the server takes. Reload the page and try again.',
    'zh-CN': '请求过大，服务器无法接受。请刷新页面后重试。',
  },
  scenario_not_found: {
    en: 'There is no such lab. Go back to the catalogue and choose one.',
    'zh-CN': '没有这个实验。请返回目录重新选择。',
  },
  scenario_unavailable: {
    en: 'The engine that labs run on cannot run this one.',
    'zh-CN': '运行实验的引擎无法运行这个实验。',
  },
  session_not_found: {
    en: 'You have not started this lab yet. Press Start to begin.',
    'zh-CN': '你还没有开始这个实验。请点击“开始”。',
  },
  run_outdated: {
    en: 'Nothing was done: this page showed a lab that has been started anew, or that is not this browser’s any more. Look at it as it is now, then try again.',
    'zh-CN': '未执行任何操作：页面显示的实验已重新开始，或已不属于这个浏览器。请查看它现在的状态，然后再试。',
  },
  step_not_found: {
    en: 'This lab has no such step. Reload the page to see its steps.',
    'zh-CN': '这个实验没有这一步。请刷新页面查看全部步骤。',
  },
  step_locked: {
    en: 'This step is still locked. Pass the checks of the steps before it first.',
    'zh-CN': '这一步尚未解锁。请先通过前面各步的检查。',
  },
  step_not_passed: {
    en: 'The current step has not passed yet. Press Check and see what is still missing.',
    'zh-CN': '当前步骤尚未通过。请点击“检查”，看看还缺少什么。',
  },
  block_not_found: {
    en: 'This step has no such command. Reload the page and try again.',
    'zh-CN': '这一步没有这条命令。请刷新页面后重试。',
  },
  session_not_ready: {
    en: 'The hosts of this lab are not running. Wait until they are ready, or start the lab again.',
    'zh-CN': '这个实验的主机没有在运行。请等待主机就绪，或重新开始实验。',
  },
  no_extension: {
    en: 'The time of this lab cannot be extended any more. Note what you want to keep before it ends.',
    'zh-CN': '这个实验的时间不能再延长了。请在结束前记下需要保留的内容。',
  },
  terminals_exhausted: {
    en: `A host has at most ${MAX_TERMINALS_PER_HOST} terminals. Close one of this host's, then open another.`,
    'zh-CN': `每台主机最多可以有 ${MAX_TERMINALS_PER_HOST} 个终端。请先关闭这台主机的一个终端，再打开新的。`,
  },
  capacity_exhausted: {
    en: 'As many labs are running as this machine can hold. Try again when somebody has ended theirs.',
    'zh-CN': '这台机器上运行的实验已达上限。请等有人结束实验后再试。',
  },
  engine_outdated: {
    en: 'This lab needs a newer engine than the one that runs, which is replaced when Drydock is started again after the labs that are open have ended, or after “npm run drydock -- down”.',
    'zh-CN':
      '这个实验需要比当前运行的更新的引擎；待已打开的实验结束后重新启动 Drydock，或运行 “npm run drydock -- down” 之后再启动，引擎便会更新。',
  },
  engine_failed: {
    en: 'The engine that labs run on could not be prepared. The server’s log has the cause.',
    'zh-CN': '无法准备运行实验的引擎。请查看服务器日志了解原因。',
  },
  internal: {
    en: 'Something went wrong on the server. Try again; if it happens again, the server’s log has the cause.',
    'zh-CN': '服务器出现错误。请重试；如果问题依旧，请查看服务器日志了解原因。',
  },
};

/** A failure that the API promises, as the page receives it. */
export const apiError = (error: ErrorCode, message: LocalizedText = MESSAGES[error]): ApiError => ({
  error,
  message,
});

/** Thrown where a request cannot be met for a reason that its sender should read. */
export class LabError extends Error {
  readonly code: ErrorCode;
  readonly #message: LocalizedText;

  constructor(code: ErrorCode, message: LocalizedText = MESSAGES[code]) {
    super(message.en ?? code);
    this.name = 'LabError';
    this.code = code;
    this.#message = message;
  }

  toApiError(): ApiError {
    return apiError(this.code, this.#message);
  }
}
