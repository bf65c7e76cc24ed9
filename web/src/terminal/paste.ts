/** What of a terminal's keys cannot be typed by a paste: all control characters but Tab and the ends of lines. */
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/**
 * A text from the clipboard as it may be typed. An escape sequence in it could end the brackets by which a shell knows
 * that it is pasted, and what follows would run at once.
 */
export const pasteable = (text: string): string => text.replace(CONTROLS, '');
