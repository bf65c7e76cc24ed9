import type { Terminal } from '@xterm/xterm';

/**
 * Draw a terminal by WebGL where the machine is quick at that. Otherwise, and from the moment that the browser takes
 * the graphics card away, xterm draws it as elements of the page.
 */
export async function drawByWebgl(terminal: Terminal, isGone: () => boolean): Promise<void> {
  if (!hasWebgl()) return;
  try {
    const { WebglAddon } = await import('@xterm/addon-webgl');
    if (isGone()) return;
    const addon = new WebglAddon();
    addon.onContextLoss(() => addon.dispose());
    terminal.loadAddon(addon);
  } catch {
    // The terminal is there without it, only slower.
  }
}

let known: boolean | undefined;

/** Whether there is WebGL other than by software, which is slower than the page's own elements. */
function hasWebgl(): boolean {
  if (known !== undefined) return known;
  const context = document
    .createElement('canvas')
    .getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  known = context !== null && !SOFTWARE.test(rendererOf(context));
  // Browsers give a page few of them.
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return known;
}

/** Not every browser that draws by software owns up to being slow. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

function rendererOf(context: WebGL2RenderingContext): string {
  const info = context.getExtension('WEBGL_debug_renderer_info');
  return String(context.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
}
