/** The terminal of a spinner. */
type Output = Pick<NodeJS.WriteStream, 'write'>;

/**
 * Returns a function that shows a spinner until the function it returns is called. It does not read
 * input, so the user can paste a line meanwhile. Results are on stdout: use stderr.
 */
export function spinner(output: Output): (text: string) => () => void {
  return (text) => {
    let step = 0;
    output.write(`${frames[0]} ${text} … `);
    const timer = setInterval(() => {
      step = (step + 1) % frames.length;
      // The cursor is saved and restored: it may be behind what the user types.
      output.write(`\u001B7\r${frames[step] ?? ''}\u001B8`);
    }, 120);
    return () => {
      clearInterval(timer);
      output.write('\r\u001B[K');
    };
  };
}

const frames = ['◒', '◐', '◓', '◑'] as const;
