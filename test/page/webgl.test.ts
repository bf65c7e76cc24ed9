import { describe, expect, test } from 'vitest';
import { MINUTE, screenOf, terminal, usePages } from './browsing.ts';

// WebGL by software: what a test machine has in place of a graphics card.
const { serve, visit } = usePages({ flags: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'] });

/** For a page, to take software for a graphics card. */
const QUICK = `{
  const { getContext } = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.getContext = function (id, options) {
    return getContext.call(this, id, { ...options, failIfMajorPerformanceCaveat: false });
  };
  const { getParameter } = WebGL2RenderingContext.prototype;
  WebGL2RenderingContext.prototype.getParameter = function (name) {
    return name === 0x9246 ? 'A graphics card' : getParameter.call(this, name);
  };
}`;

describe('a terminal', { timeout: MINUTE }, () => {
  const open = async (url: string, prepare = '') => {
    const lab = await visit(url);
    await lab.page.evaluate(prepare);
    await lab.button('Start').click();
    await terminal(lab.page).waitFor({ state: 'attached' });
    return lab;
  };

  test('is drawn by WebGL where that is quick, and by the page’s elements once the browser takes it away', async () => {
    await using app = await serve();
    const lab = await open(app.url, QUICK);
    const canvases = lab.page.locator('#pane-host01 .xterm-screen canvas:not(.xterm-link-layer)');
    await canvases.first().waitFor({ state: 'attached' });
    app.provisioner.cluster.host('host01').pty.print('drawn twice\r\n');
    await canvases.evaluateAll((all) => {
      for (const each of all) {
        if (!(each instanceof HTMLCanvasElement)) continue;
        each.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext();
      }
    });
    // xterm gives the browser three seconds to have it back.
    await expect.poll(screenOf(lab, 'host01'), { timeout: 15_000 }).toContain('drawn twice');
    expect(await canvases.count()).toBe(0);
    await terminal(lab.page).press('x');
    await expect.poll(() => app.provisioner.cluster.host('host01').pty.typed).toBe('x');
  });

  test('is drawn by the page’s elements where WebGL is slow', async () => {
    await using app = await serve();
    const lab = await open(app.url);
    app.provisioner.cluster.host('host01').pty.print('drawn\r\n');
    await expect.poll(screenOf(lab, 'host01')).toContain('drawn');
    expect(await lab.page.locator('#pane-host01 canvas').count()).toBe(0);
  });
});
