import type { Dictionary } from './en.ts';

/** 简体中文界面文字。 */
export const zhCn: Dictionary = {
  name: '简体中文',
  common: {
    dismiss: '关闭',
    loading: '正在加载…',
    tryAgain: '重试',
    skipToText: '跳到正文',
    toCatalogue: '全部实验',
    otherDevice: '在其他设备上继续',
    theme: '主题',
    themes: { system: '跟随系统', light: '浅色', dark: '深色' },
    minutes: (minutes) => `约 ${minutes} 分钟`,
    difficulties: { beginner: '入门', intermediate: '中级', advanced: '高级' },
    hosts: (hosts) => `${hosts} 台主机`,
  },
  problems: {
    unreachable: 'Drydock 没有响应。请检查网络连接后重试。',
    unexpected: (status) =>
      `应答并非来自 Drydock，而是来自中间的某个环节（HTTP ${status}）。请重试；若仍如此，请告知服务器的管理者。`,
  },
  catalogue: {
    title: '实验',
    lead: '选择一个实验。主机是真实的，并且只属于你；无论做什么，都不会影响其他人。',
    leadWithOwn: '选择一个实验。主机是真实的，除非另有说明，都只属于你，在上面无论做什么都不会影响其他人。',
    ownHosts: '在已有的机器上进行：所做的改动会保留，其他人也可能在使用这些机器。',
    empty: '这台服务器目前没有实验。服务器的管理者可以随时添加，届时请重新加载本页。',
    problem: '无法加载实验列表。',
    open: '打开实验',
    goOn: '继续实验',
    notBegun: '未开始',
    at: (step, steps) => `第 ${step} 步，共 ${steps} 步`,
    stopped: (step, steps) => `停在第 ${step} 步，共 ${steps} 步`,
    finished: '已完成',
    search: '搜索实验',
    found: (labs) => (labs === 0 ? '没有匹配的实验。' : `${labs} 个实验`),
  },
  notFound: {
    title: '这里什么也没有',
    text: '没有与此地址对应的页面。地址可能有误，或者该实验已被移除。',
  },
  engine: {
    preparing: '正在准备引擎',
    again: '引擎意外终止，正在重新启动',
    stage: (number, all) => `第 ${number}/${all} 阶段：`,
    states: { done: '已完成', now: '进行中', 'to-come': '待进行' },
    left: (seconds) => {
      if (seconds > 90) return `大约还需 ${Math.ceil((seconds - 30) / 60)} 分钟`;
      if (seconds > 45) return '大约还需一分钟';
      return seconds > 15 ? '不到一分钟' : '即将完成';
    },
    meanwhile: '现在就可以开始实验并阅读各步内容；引擎就绪后，主机会随之启动。',
    againMeanwhile: '正在运行的实验已随之丢失，现在即可重新开始；引擎就绪后，主机会随之启动。',
    thenHosts: '引擎就绪后，主机会自动启动。等待期间可以先阅读实验说明。',
    limits: '这些实验的引擎不能防止什么',
    failedTitle: '没有可用的引擎',
    failedNext: 'Drydock 已停止。请解决上述问题，然后重新启动；已开始的实验届时会继续。',
  },
  lab: {
    notFoundTitle: '这台服务器上没有该实验',
    notFoundText: (slug) => `没有名为“${slug}”的实验。请从列表中另选一个。`,
    unavailableTitle: '无法加载实验',
    progress: '进度',
    intro: '简介',
    finish: '完成',
    stationState: { locked: '未解锁', open: '进行中', passed: '已通过' },
    text: '实验说明',
    textIsIn: (language) => `这段内容目前只有 ${language} 版本。`,
    provisional: '主机还没有地址，这里先用文字代替。主机就绪后，才能运行和复制命令。',
    textProblem: '无法加载本页内容。',
    divider: '实验说明的宽度',
    switchText: '说明',
    switchTerminals: '终端',
    start: '开始',
    starting: '正在开始…',
    startAgain: '重新开始',
    startLead: (hosts) => `开始后，你将拥有 ${hosts}，每台主机各有一个终端。`,
    contents: '步骤',
    end: '结束实验',
    endTitle: '要结束这个实验吗？',
    endText: '主机及其中的全部内容都会被删除，你的进度也不会保留。',
    endConfirm: '结束实验',
    endCancel: '继续实验',
    provisioningTitle: '正在准备主机',
    provisioningText: '等待期间可以先阅读实验说明。',
    hostStates: { waiting: '等待中', starting: '正在启动', ready: '就绪' },
    failedTitle: '这个实验无法继续',
    reset: '重置',
    resetTitle: '要重置这个实验吗？',
    resetText: '你将得到全新的主机。现有主机及其中的全部内容都会被删除；实验时间继续计算。',
    resetChoice: '你的进度',
    resetKeep: '保留已完成的步骤',
    resetAnew: '从第一步重新开始',
    resetCancel: '取消',
    time: '剩余时间',
    left: (minutes) => {
      const hours = Math.floor(minutes / 60);
      return hours === 0 ? `剩余 ${minutes} 分钟` : `剩余 ${hours} 小时 ${minutes % 60} 分`;
    },
    leftSeconds: (seconds) => `剩余 ${seconds} 秒`,
    nearEnd: '实验时间即将结束。届时主机及其中的全部内容都会被删除。',
    canExtend: (minutes, times) => `每次可延长 ${minutes} 分钟，还可延长 ${times} 次。`,
    cannotExtend: '已不能再延长。',
    extend: '延长',
    waking: '你离开期间主机已休眠，正在唤醒…',
    queuedTitle: (place) => (place === 1 ? '下一个就轮到你' : `你排在第 ${place} 位`),
    queuedText: (minutes) =>
      `这台服务器上的实验数已达上限。一有空位，你的实验就会自动开始。等待期间可以先阅读实验说明，也可以关闭本页，${
        minutes === null ? '稍后再来' : `并在 ${minutes} 分钟内回来；超过这个时间，位置会让给下一位`
      }。`,
    leaveQueue: '退出排队',
    endings: {
      asked: { title: '实验已结束', text: '主机已被删除。你可以从第一步重新开始。' },
      'left-queue': { title: '你已退出排队', text: '实验没有启动。点击“重新开始”可以重新排队。' },
      expired: {
        title: '实验时间已到',
        text: '这个实验的时间已用完，主机已被删除。你读过的内容和完成的步骤仍保留在这里。点击“重新开始”，可以使用全新的主机从第一步做起。',
      },
      idle: {
        title: '你离开期间，实验已关闭',
        text: '由于长时间无人使用，主机已被删除，以便让出资源。点击“重置”可以获得全新的主机，并可保留已完成的步骤。',
      },
      away: {
        title: '你的位置已让给下一位',
        text: '你离开的时间超过了保留位置的时限，位置已让给其他人。点击“重新开始”可以从队尾重新排队。',
      },
      operator: {
        title: '实验已被管理者结束',
        text: '服务器的管理者结束了这个实验，主机已被删除。你可以从第一步重新开始。',
      },
    },
    finished: '你已完成本实验。主机会保留，直到你结束实验或时间用完。',
    lostTitle: '这个实验已不在运行',
    lostText: '服务器上已没有你的会话，主机也已被删除。你可以重新开始。',
    reconnecting: '连接已断开，正在重新连接。页面内容会保留，但此时键入的内容不会发送。',
    delayed: '你的页面打开得过于频繁，或同时打开得太多。终端会自动重新连接；请关闭不需要的页面。',
    givenUp: '终端未能连接。请重新加载页面；你的主机仍在运行。',
  },
  labOnOwnHosts: {
    startLead: () =>
      '开始后，每台主机各有一个终端。这些主机是已有的机器：所做的改动会保留，其他人也可能在使用它们。',
    endText: '终端会被关闭，其中运行的程序会被终止，你的进度也不会保留。你在这些机器上所做的改动会保留。',
    resetText:
      '你将得到全新的终端，现有终端中运行的程序会被终止。你在这些机器上所做的改动会保留；实验时间继续计算。',
    nearEnd: '实验时间即将结束。届时终端会被关闭；你在这些机器上所做的改动会保留。',
    finished: '你已完成本实验。终端会保留，直到你结束实验或时间用完。',
    endings: {
      asked: {
        title: '实验已结束',
        text: '终端已关闭；你在这些机器上所做的改动会保留。你可以从第一步重新开始。',
      },
      expired: {
        title: '实验时间已到',
        text: '这个实验的时间已用完，终端已关闭。你读过的内容和所做的改动都会保留。点击“重新开始”，可以从第一步做起。',
      },
      idle: {
        title: '你离开期间，实验已关闭',
        text: '由于长时间无人使用，终端已被关闭。点击“重置”可以获得全新的终端，并可保留已完成的步骤。',
      },
      operator: {
        title: '实验已被管理者结束',
        text: '服务器的管理者结束了这个实验，终端已关闭。你可以从第一步重新开始。',
      },
    },
    lostText: '服务器上已没有你的会话，终端也已关闭。你可以重新开始。',
  },
  checks: {
    title: '检查项',
    states: {
      'not-made': '尚未检查',
      checking: '正在检查…',
      pass: '已完成',
      fail: '尚未完成',
      error: '无法检查',
    },
    hint: '提示',
    check: '检查',
    next: '下一步',
    summary: (done, all) => `已完成 ${done}/${all}`,
    goOn: '可以继续了。',
    taken: '你完成的步骤',
    took: (seconds) => {
      const minutes = Math.round(seconds / 60);
      if (seconds < 60) return `${seconds} 秒`;
      return minutes < 60 ? `${minutes} 分钟` : `${Math.floor(minutes / 60)} 小时 ${minutes % 60} 分`;
    },
    all: '总计',
    blocked: {
      'no-next': '',
      'not-started': '主机尚未就绪。',
      checking: '正在检查。',
      'not-passed': '全部检查通过后，才能进入下一步。',
      'others-left': '前面的步骤也全部完成后，实验才算完成。',
      'not-running': '这个实验不在运行中。',
    },
  },
  commands: {
    run: '运行',
    copy: '复制',
    runOn: (host) => `输入到 ${host} 的终端`,
    interruptOn: (host) => `先用 Ctrl-C 停止 ${host} 上正在运行的程序，再输入此命令`,
    notRunning: '主机就绪并连接后才能运行',
    noAddresses: '主机有了地址后才能复制',
    copyTitle: '复制到剪贴板',
    ran: (host) => `已输入到 ${host}`,
    copied: '已复制',
    copyFailed: '浏览器不允许复制。请选中文字后手动复制。',
  },
  terminals: {
    title: '终端',
    of: (host) => `${host} 的终端。按 Ctrl+F6 离开。`,
    opening: '正在打开终端…',
    divider: '第一个终端的大小',
    layout: '布局',
    layouts: { tabs: '标签页', stacked: '上下排列', 'side-by-side': '左右排列' },
    closed: '终端未连接',
    settings: '终端设置',
    fontSize: '字号',
    smaller: '缩小字号',
    larger: '放大字号',
    screenReader: '屏幕阅读器支持',
    another: (host) => `在 ${host} 上再开一个 shell`,
    close: (terminal) => `关闭 ${terminal}`,
    unseen: '有新输出。',
    ended: 'shell 已退出，按 Enter 重新打开。',
    search: {
      label: '在终端中查找',
      text: '查找',
      previous: '上一个匹配项',
      next: '下一个匹配项',
      close: '关闭查找',
      found: ({ shown, all }) => {
        if (all === 0) return '未找到';
        return shown < 0 ? `超过 ${all} 处` : `第 ${shown + 1}/${all} 处`;
      },
    },
    link: {
      title: '要打开这个链接吗？',
      text: '它由终端中的程序输出，将在浏览器的新标签页中打开：',
      open: '打开',
      cancel: '取消',
    },
    leaveHint: '按 Ctrl+F6 离开终端',
    gap: (bytes) => `[更早的 ${bytes.toLocaleString('zh-CN')} 字节输出已不再保留]`,
    longPaste: (bytes, most) =>
      `[没有粘贴：内容有 ${bytes.toLocaleString('zh-CN')} 字节，一次最多粘贴 ${most.toLocaleString('zh-CN')} 字节。请分几次粘贴。]`,
    loadProblem: '无法加载终端。请重新加载页面；你的主机仍在运行。',
  },
};
