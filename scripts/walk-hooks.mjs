/** Loader hooks of `walks.mjs`: every function of the built packages reports that it is entered. */
import ts from 'typescript';

/** Resolves to the modules before they are bundled, except for `testing`. */
export async function resolve(specifier, context, nextResolve) {
  const { url, ...others } = await nextResolve(specifier, context);
  return { ...others, url: url.replace(/(\/packages\/\w+)\/dist\/(?!testing\/)/, '$1/build/') };
}

/** Loads a module, with the calls of `globalThis.enteredFunction` added. */
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  const [, name, path] = /\/packages\/(\w+)\/build\/(.+)\.js$/.exec(url) ?? [];
  if (path === undefined) return loaded;
  const module = name === 'core' ? path : `${name}/${path}`;
  return { ...loaded, source: instrument(module, String(loaded.source)) };
}

function instrument(module, source) {
  const file = ts.createSourceFile(`${module}.js`, source, ts.ScriptTarget.Latest, true);
  const insertions = [];
  visit(file, (node) => {
    if (!ts.isFunctionLike(node) || node.body === undefined) return;
    const [start, end] = [node.body.getStart(), node.body.getEnd()];
    const entry = JSON.stringify({ module, name: nameOf(node), position: start });
    const call = `globalThis.enteredFunction?.(${entry})`;
    if (ts.isBlock(node.body)) insertions.push([start + 1, `${call};`]);
    else insertions.push([start, `(${call},`], [end, ')']);
  });
  // From the end, so that the positions of the others remain.
  return insertions
    .toSorted(([a], [b]) => b - a)
    .reduce((text, [at, added]) => text.slice(0, at) + added + text.slice(at), source);
}

function visit(node, each) {
  each(node);
  ts.forEachChild(node, (child) => visit(child, each));
}

/** `start`, `#take` or `new BrowserLogin`; `start>` for a function without a name in `start`. */
function nameOf(node) {
  if (ts.isConstructorDeclaration(node)) return `new ${node.parent.name?.text}`;
  const name = node.name ?? node.parent.name;
  if (name !== undefined) return name.getText();
  const outer = ts.findAncestor(node.parent, ts.isFunctionLike);
  return outer === undefined ? '>' : `${nameOf(outer)}>`;
}
