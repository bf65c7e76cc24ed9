/**
 * For bash: close all files but the first three. What node-pty opens is open in every process that is started later, and
 * a terminal is hung up only when nobody has it open any more.
 */
export const CLOSE_FILES = `for file in /proc/$$/fd/*; do
  number=\${file##*/}
  [ "$number" -gt 2 ] && eval "exec $number>&-"
done`;
