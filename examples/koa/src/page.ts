/** The frame of every page. What comes from outside is escaped before it gets here. */
export function page(content: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Example</title>
<link rel="icon" href="data:,">
<style>${style}</style>
${content}
</html>`;
}

/** Makes text of any origin safe inside HTML. */
export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
  :root {
    color-scheme: light dark;
    font: 1rem/1.5 system-ui, sans-serif;
  }
  body {
    max-width: 34rem;
    margin: 12vh auto;
    padding: 0 1.25rem;
  }
  h1 {
    overflow-wrap: anywhere;
  }
  pre {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    padding: 1rem;
    border-radius: 0.5rem;
    background: #8882;
  }
  a,
  button {
    display: inline-block;
    padding: 0.6rem 1.2rem;
    border: 0;
    border-radius: 0.5rem;
    background: #3347c8;
    color: white;
    font: inherit;
    text-decoration: none;
    cursor: pointer;
  }
`;
