// Parses Bicep with tree-sitter-bicep and YAML with yaml, and writes what it found as JSON.
// Arguments: a JSON file of [{ path, text }], and the file to write. Offsets are UTF-16 code units.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Language, Parser } from 'web-tree-sitter';
import { parseDocument } from 'yaml';

const extras = new Set(['comment', 'diagnostic_comment']);

await Parser.init();
const grammar = new URL('./node_modules/tree-sitter-bicep/tree-sitter-bicep.wasm', import.meta.url);
const parser = new Parser();
parser.setLanguage(await Language.load(fileURLToPath(grammar)));

function shape(node, field) {
  const out = { t: node.type, s: node.startIndex, e: node.endIndex };
  if (node.isNamed) out.n = true;
  if (node.isError || node.isMissing) out.x = true;
  if (field) out.f = field;
  const children = [];
  for (let i = 0; i < node.childCount; i++) {
    const child = node.child(i);
    if (!extras.has(child.type)) children.push(shape(child, node.fieldNameForChild(i)));
  }
  if (children.length) out.c = children;
  return out;
}

function bicep(path, text) {
  // The grammar knows parameters only as they are declared. In a parameter file they are assigned, which is the shape of a variable;
  // the blanks keep every offset where it was.
  const source = path.endsWith('.bicepparam') ? text.replace(/^param(?=[ \t]+[A-Za-z_]\w*[ \t]*=)/gm, 'var  ') : text;
  const tree = parser.parse(source);
  const root = shape(tree.rootNode);
  tree.delete();
  return { path, root };
}

function yaml(path, text) {
  const document = parseDocument(text, { uniqueKeys: true, strict: true });
  return { path, errors: [...document.errors, ...document.warnings].map((e) => e.message), value: document.errors.length ? null : document.toJS() };
}

const files = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const parsed = files.map(({ path, text }) => (/\.ya?ml$/.test(path) ? yaml(path, text) : bicep(path, text)));
writeFileSync(process.argv[3], JSON.stringify(parsed));
