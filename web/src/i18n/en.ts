/** Everything the page says, in English; what the server and the scenarios say comes with them. */
export const en = {
  /** The language's own name. */
  name: 'English',
  common: {
    dismiss: 'Dismiss',
    loading: 'Loading…',
    tryAgain: 'Try again',
    skipToText: 'Skip to the text',
    toCatalogue: 'All labs',
    otherDevice: 'Continue on another device',
    theme: 'Theme',
    themes: { system: 'System', light: 'Light', dark: 'Dark' },
    minutes: (minutes: number) => `About ${minutes} min`,
    difficulties: { beginner: 'Beginner', intermediate: 'Intermediate', advanced: 'Advanced' },
    hosts: (hosts: number) => (hosts === 1 ? '1 host' : `${hosts} hosts`),
  },
  problems: {
    unreachable: 'Drydock did not answer. Check your connection, then try again.',
    unexpected: (status: number) =>
      `Something between you and Drydock answered in its place (HTTP ${status}). Try again; if it stays so, tell whoever runs this server.`,
  },
  catalogue: {
    title: 'Labs',
    lead: 'Pick a lab. Its hosts are real and yours alone; nothing you do can break anything else.',
    leadWithOwn:
      'Pick a lab. Its hosts are real and, unless it says otherwise, yours alone, so that nothing you do there can break anything else.',
    ownHosts: 'On machines that exist already: what you do there stays, and others may use them, too.',
    empty: 'This server has no labs now. Whoever runs it can add some at any time; then reload this page.',
    problem: 'The list of labs could not be loaded.',
    open: 'Open lab',
    goOn: 'Continue',
    notBegun: 'Not begun',
    at: (step: number, steps: number) => `Step ${step} of ${steps}`,
    stopped: (step: number, steps: number) => `Stopped at step ${step} of ${steps}`,
    finished: 'Finished',
    search: 'Search the labs',
    found: (labs: number) => {
      if (labs === 0) return 'No lab has these words.';
      return labs === 1 ? '1 lab' : `${labs} labs`;
    },
  },
  notFound: {
    title: 'There is nothing here',
    text: 'No page has this address. It may have been mistyped, or the lab may have been removed.',
  },
  engine: {
    preparing: 'The engine is being prepared',
    again: 'The engine has ended unexpectedly and is being started again',
    stage: (number: number, all: number) => `Stage ${number} of ${all}: `,
    states: { done: 'done', now: 'now', 'to-come': 'to come' },
    left: (seconds: number) => {
      if (seconds > 90) return `About ${Math.ceil((seconds - 30) / 60)} minutes left`;
      if (seconds > 45) return 'About a minute left';
      return seconds > 15 ? 'Less than a minute left' : 'Almost there';
    },
    meanwhile: 'You can start a lab already and read its steps; its hosts follow once the engine is ready.',
    againMeanwhile:
      'Labs that were running are lost with it and can be started again now; their hosts follow once the engine is ready.',
    thenHosts: 'Your hosts follow by themselves. You can read the instructions in the meantime.',
    limits: 'What the engine of these labs does not prevent',
    failedTitle: 'There is no engine for labs',
    failedNext:
      'Drydock has stopped. Put this right and start it again; labs that have been started go on then.',
  },
  lab: {
    notFoundTitle: 'This server has no such lab',
    notFoundText: (slug: string) => `No scenario is named “${slug}”. Choose another from the list.`,
    unavailableTitle: 'The lab could not be loaded',
    progress: 'Progress',
    intro: 'Introduction',
    finish: 'Finish',
    stationState: { locked: 'locked', open: 'open', passed: 'passed' },
    text: 'Instructions',
    textIsIn: (language: string) => `This text is only available in ${language}.`,
    provisional:
      'Your hosts have no addresses yet, so words stand in for them here. Once the hosts are ready you can run and copy the commands.',
    textProblem: 'The text of this page could not be loaded.',
    divider: 'Width of the instructions',
    switchText: 'Instructions',
    switchTerminals: 'Terminals',
    start: 'Start',
    starting: 'Starting…',
    startAgain: 'Start again',
    startLead: (hosts: string) => `Start gives you ${hosts} of your own, and a terminal on each.`,
    contents: 'Steps',
    end: 'End lab',
    endTitle: 'End this lab?',
    endText: 'Its hosts and everything on them are removed, and your progress with them.',
    endConfirm: 'End lab',
    endCancel: 'Keep working',
    provisioningTitle: 'Getting your hosts ready',
    provisioningText: 'You can read the instructions in the meantime.',
    hostStates: { waiting: 'Waiting', starting: 'Starting', ready: 'Ready' },
    failedTitle: 'This lab cannot go on',
    reset: 'Reset',
    resetTitle: 'Reset this lab?',
    resetText: 'You get fresh hosts. Everything on the ones that you have is removed; your time runs on.',
    resetChoice: 'Your progress',
    resetKeep: 'Keep the steps that are done',
    resetAnew: 'Begin at the first step again',
    resetCancel: 'Cancel',
    time: 'Time left',
    left: (minutes: number) => {
      const hours = Math.floor(minutes / 60);
      return hours === 0 ? `${minutes} min left` : `${hours} h ${minutes % 60} min left`;
    },
    leftSeconds: (seconds: number) => `${seconds} s left`,
    nearEnd:
      'The time for this lab is nearly over. Its hosts, and everything on them, are removed at its end.',
    canExtend: (minutes: number, times: number) =>
      times === 1
        ? `You can add ${minutes} minutes once more.`
        : `You can add ${minutes} minutes, ${times} times.`,
    cannotExtend: 'It cannot be extended any more.',
    extend: 'Extend',
    waking: 'Your hosts slept while nobody was here. Waking them …',
    queuedTitle: (place: number) =>
      place === 1 ? 'You are next in the queue' : `You are number ${place} in the queue`,
    queuedText: (minutes: number | null) =>
      `This server runs as many labs as it can hold. Yours starts by itself as soon as there is a place. Meanwhile you can read the instructions, or close this page and come back${
        minutes === null
          ? ''
          : ` within ${minutes === 1 ? 'a minute' : `${minutes} minutes`}; after that, the place is given to the next`
      }.`,
    leaveQueue: 'Leave the queue',
    endings: {
      asked: {
        title: 'This lab has ended',
        text: 'Its hosts are gone. You can start it again from the first step.',
      },
      'left-queue': {
        title: 'You have left the queue',
        text: 'Nothing was started. Start again to join it at its end.',
      },
      expired: {
        title: 'Your time is up',
        text: 'The time for this lab is over, and its hosts are gone. What you have read and done stays here. Start again for fresh hosts, from the first step.',
      },
      idle: {
        title: 'This lab was closed while you were away',
        text: 'Nobody used it for a long time, so its hosts were removed to make room for others. Reset gives you fresh hosts and can keep the steps that are done.',
      },
      away: {
        title: 'Your place went to the next in the queue',
        text: 'You were away for longer than a place is kept, so that somebody else could use it. Start again to join the queue at its end.',
      },
      operator: {
        title: 'This lab was ended for you',
        text: 'Whoever runs this server has ended it, and its hosts are gone. You can start it again from the first step.',
      },
    },
    finished: 'You have finished this lab. Your hosts stay until you end it or its time is over.',
    lostTitle: 'This lab is no longer running',
    lostText: 'The server no longer knows your session, so its hosts are gone. You can start again.',
    reconnecting:
      'Connection lost; trying to get it back. What you see stays here, but nothing you type is sent.',
    delayed:
      'Your pages were opened too often, or too many of them are open. Your terminals connect again by themselves; close the pages that you do not need.',
    givenUp: 'Your terminals could not be connected. Reload the page; your hosts keep running.',
  },
  /** In place of those of `lab`, where hosts are machines that exist already. */
  labOnOwnHosts: {
    startLead: () =>
      'Start opens a terminal on each host. They are machines that exist already: what you do there stays, and others may use them, too.',
    endText:
      'Its terminals are closed, what runs in them is ended, and your progress is removed. What you have done on the machines stays.',
    resetText:
      'You get fresh terminals, and what runs in those that you have is ended. What you have done on the machines stays; your time runs on.',
    nearEnd:
      'The time for this lab is nearly over. Its terminals are closed at its end; what you have done on the machines stays.',
    finished: 'You have finished this lab. Your terminals stay until you end it or its time is over.',
    endings: {
      asked: {
        title: 'This lab has ended',
        text: 'Its terminals are closed; what you have done on the machines stays. You can start it again from the first step.',
      },
      expired: {
        title: 'Your time is up',
        text: 'The time for this lab is over, and its terminals are closed. What you have read and done stays. Start again to begin at the first step.',
      },
      idle: {
        title: 'This lab was closed while you were away',
        text: 'Nobody used it for a long time, so its terminals were closed. Reset gives you fresh ones and can keep the steps that are done.',
      },
      operator: {
        title: 'This lab was ended for you',
        text: 'Whoever runs this server has ended it, and its terminals are closed. You can start it again from the first step.',
      },
    },
    lostText: 'The server no longer knows your session, so its terminals are closed. You can start again.',
  },
  checks: {
    title: 'Checks',
    states: {
      'not-made': 'Not checked yet',
      checking: 'Checking…',
      pass: 'Done',
      fail: 'Not yet',
      error: 'Could not be checked',
    },
    hint: 'Hint',
    check: 'Check',
    next: 'Next',
    summary: (done: number, all: number) => `${done} of ${all} done`,
    goOn: 'You can go on.',
    taken: 'What you have done',
    took: (seconds: number) => {
      const minutes = Math.round(seconds / 60);
      if (seconds < 60) return `${seconds} s`;
      return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
    },
    all: 'All in all',
    blocked: {
      'no-next': '',
      'not-started': 'Your hosts are not ready yet.',
      checking: 'The checks are being made.',
      'not-passed': 'Next opens once every check is done.',
      'others-left': 'The lab is finished once the steps before this one are done, too.',
      'not-running': 'This lab is not running.',
    },
  },
  commands: {
    run: 'Run',
    copy: 'Copy',
    runOn: (host: string) => `Type this into the terminal of ${host}`,
    interruptOn: (host: string) => `Stop what runs on ${host} with Ctrl-C, then type this`,
    notRunning: 'Available once your hosts are ready and connected',
    noAddresses: 'Available once your hosts have their addresses',
    copyTitle: 'Copy to the clipboard',
    ran: (host: string) => `Typed into ${host}`,
    copied: 'Copied',
    copyFailed: 'The browser did not allow copying. Select the text and copy it by hand.',
  },
  terminals: {
    title: 'Terminals',
    of: (host: string) => `Terminal of ${host}. Ctrl+F6 leaves it.`,
    opening: 'Opening the terminals…',
    divider: 'Size of the first terminal',
    layout: 'Layout',
    layouts: { tabs: 'Tabs', stacked: 'Stacked', 'side-by-side': 'Side by side' },
    closed: 'The terminals are not connected',
    settings: 'Terminal settings',
    fontSize: 'Type size',
    smaller: 'Smaller type',
    larger: 'Larger type',
    screenReader: 'Screen reader support',
    another: (host: string) => `Another shell on ${host}`,
    close: (terminal: string) => `Close ${terminal}`,
    unseen: 'There is new output.',
    ended: 'Its shell has ended; Enter opens a new one.',
    search: {
      label: 'Search in the terminal',
      text: 'Find',
      previous: 'Previous match',
      next: 'Next match',
      close: 'Close the search',
      found: ({ shown, all }: { shown: number; all: number }) => {
        if (all === 0) return 'Not found';
        return shown < 0 ? `Over ${all}` : `${shown + 1} of ${all}`;
      },
    },
    link: {
      title: 'Open this link?',
      text: 'A program in the terminal has printed it. It opens in a new tab of your browser:',
      open: 'Open',
      cancel: 'Cancel',
    },
    leaveHint: 'Ctrl+F6 leaves the terminal',
    gap: (bytes: number) => `[${bytes.toLocaleString('en')} bytes of earlier output are no longer kept]`,
    longPaste: (bytes: number, most: number) =>
      `[Nothing was pasted: ${bytes.toLocaleString('en')} bytes are more than the ${most.toLocaleString('en')} that fit in one paste. Paste it in parts.]`,
    loadProblem: 'The terminals could not be loaded. Reload the page; your hosts keep running.',
  },
};

/** The same sentences in whichever language. */
export type Dictionary = typeof en;
