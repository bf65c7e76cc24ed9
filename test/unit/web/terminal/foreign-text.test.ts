import { describe, expect, it } from 'vitest';
import { pasteable } from '../../../../web/src/terminal/paste.ts';
import { webAddress } from '../../../../web/src/terminal/web-address.ts';

describe('a pasted text', () => {
  it('keeps its lines, tabs and letters', () => {
    expect(pasteable('a\tb\r\n集群\nc')).toBe('a\tb\r\n集群\nc');
  });

  it('cannot end the brackets by which the shell knows that it is pasted', () => {
    expect(pasteable('ls\u001b[201~\rrm -rf /\r\u009b201~')).toBe('ls[201~\rrm -rf /\r201~');
  });
});

describe('a link in a terminal', () => {
  it.each([
    ['https://example.org/a?b#c', 'https://example.org/a?b#c'],
    ['HTTP://EXAMPLE.ORG', 'http://example.org/'],
    // So that what is shown is where it leads.
    ['https://еxample.org/', 'https://xn--xample-2of.org/'],
  ])('to %s leads to %s', (link, address) => {
    expect(webAddress(link)).toBe(address);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'vscode://x', '//host', 'x', ''])(
    'to %j leads nowhere',
    (link) => {
      expect(webAddress(link)).toBeNull();
    },
  );
});
