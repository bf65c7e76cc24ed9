import { describe, expect, test } from 'vitest';
import { MINUTE, screenOf, terminal, usePages } from './browsing.ts';

// WebGL by software: what a test machine has in place of a graphics card.
const { serve, visit } = usePages({ flags: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'] });

describe('a terminal', { timeout: MINUTE }, () => {
  const open = async (url: string, quick: boolean) => {
    const lab = await visit(url);
    if (quick) {
      // As it is with a graphics card: nothing warns of slowness.
      await lab.page.evaluate(() => {
        const real = HTMLCanvasElement.prototype.getContext;
        Reflect.set(
          HTMLCanvasElement.prototype,
          'getContext',
          function (this: HTMLCanvasElement, id: string, given?: object) {
            return Reflect.apply(real, this, [id, { ...given, failIfMajorPerformanceCaveat: false }]);
          },
        );
      });
    }
    await lab.button('Start').click();
    await terminal(lab.page).waitFor({ state: 'attached' });
    return lab;
  };

  test('is drawn by WebGL where that is quick, and by the page’s elements once the browser takes it away', async () => {
    await using app = await serve();
    const lab = await open(app.url, true);
    const canvas = lab.page.locator('#pane-host01 .xterm-screen canvas:not(.xterm-link-layer)');
    await canvas.first().waitFor({ state: 'attached' });
    app.provisioner.cluster.host('host01').pty.print('drawn twice\r\n');
    await lab.page.evaluate(() => {
      for (const each of document.querySelectorAll<HTMLCanvasElement>('#pane-host01 canvas')) {
        each.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext();
      }
    });
    await expect.poll(screenOf(lab, 'host01'), { timeout: 15_000 }).toContain('drawn twice');
    await terminal(lab.page).press('x');
    await expect.poll(() => app.provisioner.cluster.host('host01').pty.typed).toBe('x');
  });

  test('is drawn by the page’s elements where WebGL is slow', async () => {
    await using app = await serve();
    const lab = await open(app.url, false);
    app.provisioner.cluster.host('host01').pty.print('drawn\r\n');
    await expect.poll(screenOf(lab, 'host01')).toContain('drawn');
    expect(await lab.page.locator('#pane-host01 canvas').count()).toBe(0);
  });
});
