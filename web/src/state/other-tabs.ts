const NAME = 'drydock';

/** This browser is another owner's from now on: its other pages, which show what was the one's before, are told. */
export function tellOtherTabs(): void {
  const channel = new BroadcastChannel(NAME);
  // That of a window takes an origin; a channel has its own.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  channel.postMessage('joined');
  channel.close();
}

/** Called when another page of this browser has made it another owner's. */
export function onJoined(react: () => void): void {
  new BroadcastChannel(NAME).addEventListener('message', react);
}
