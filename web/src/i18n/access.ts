import type { Locale } from '../../../server/protocol/index.ts';

const en = {
  door: {
    title: 'Access code',
    lead: 'This server is for people who were given a code. Whoever invited you has it.',
    code: 'Code',
    enter: 'Enter',
    entering: 'Checking…',
  },
  join: {
    title: 'Continue on this device',
    lead: 'Your labs on the other device go on here as they are: steps, hosts and terminals.',
    leaves: 'Labs that you have started in this browser will no longer be shown here.',
    code: 'Code from the other device',
    enter: 'Continue here',
    entering: 'Checking…',
  },
  devices: {
    close: 'Close',
    title: 'Continue on another device',
    loading: 'Making a code…',
    withQr: (page: string) => `Scan this with the other device, or open ${page} there and enter the code.`,
    here: (page: string) =>
      `Only this machine reaches this server. Open ${page} in another browser on it and enter the code.`,
    qr: 'QR code with the link and the code',
    validity: (minutes: number) =>
      minutes === 1 ? 'Good once, for one more minute' : `Good once, for ${minutes} more minutes`,
    expired: 'This code is too old now.',
    renew: 'New code',
    care: 'Show it to nobody: whoever uses it has your labs.',
    othersTitle: 'Other devices',
    others: 'Lost one, or used somebody else’s? Your labs go on here and are closed everywhere else.',
    signOut: 'Sign out other devices',
    signedOut: 'All other devices are signed out.',
  },
};
export type AccessWords = typeof en;

const zhCn: AccessWords = {
  door: {
    title: '访问码',
    lead: '这台服务器仅供获得访问码的人使用。请向邀请你的人索取。',
    code: '访问码',
    enter: '进入',
    entering: '正在核对…',
  },
  join: {
    title: '在这台设备上继续',
    lead: '另一台设备上的实验将原样在此继续：步骤、主机和终端都不变。',
    leaves: '先前在此浏览器中开始的实验将不再显示。',
    code: '另一台设备上的代码',
    enter: '在此继续',
    entering: '正在核对…',
  },
  devices: {
    close: '关闭',
    title: '在其他设备上继续',
    loading: '正在生成代码…',
    withQr: (page) => `用另一台设备扫描二维码，或在该设备上打开 ${page} 并输入代码。`,
    here: (page) => `只有本机能访问这台服务器。请在本机的另一个浏览器中打开 ${page} 并输入代码。`,
    qr: '包含链接和代码的二维码',
    validity: (minutes) => `仅可使用一次，${minutes} 分钟内有效`,
    expired: '此代码已过期。',
    renew: '换一个代码',
    care: '请勿给他人看：使用此代码的人将进入你的实验。',
    othersTitle: '其他设备',
    others: '设备丢失，或用过他人的设备？实验在这里继续，在其他设备上则会关闭。',
    signOut: '退出其他设备',
    signedOut: '已退出所有其他设备。',
  },
};

/** The words of what lets browsers in, apart from those of labs: few ever read them. */
export const accessWords: Readonly<Record<Locale, AccessWords>> = { en, 'zh-CN': zhCn };
