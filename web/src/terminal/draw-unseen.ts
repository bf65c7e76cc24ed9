import { XtermScreen } from './screen.ts';

const FONT_SIZE = 13;

/**
 * Draw on a screen that nobody sees, by the page's elements, as the first takes the browser several times as long as any
 * other.
 */
export function drawUnseen(): void {
  const element = document.createElement('div');
  element.className = 'terminal-unseen';
  element.inert = true;
  document.body.append(element);
  const nothing = (): void => undefined;
  const screen = new XtermScreen(element, FONT_SIZE, {
    text: nothing,
    binary: nothing,
    resize: nothing,
    leave: nothing,
    search: nothing,
    link: nothing,
    bell: nothing,
    found: nothing,
  });
  const end = (): void => {
    screen.dispose();
    element.remove();
  };
  screen.write('\u001b[1;36mhost\u001b[0m:~# ', { drawn: () => requestAnimationFrame(end) });
}
