type Schema = Readonly<Record<string, unknown>>;

interface Place {
  readonly root: Schema;
  readonly path: string;
}

/** Says nothing about a value. */
const annotations = new Set(['$schema', '$defs', 'title', 'description']);

type Check = (value: unknown, wanted: unknown, place: Place, schema: Schema) => string[];

/** The keywords of JSON Schema (draft 2020-12) that our schemas use. */
const checks: Readonly<Record<string, Check>> = {
  $ref: (value, wanted, place) => violations(value, definition(place.root, wanted), place),
  type: (value, wanted, { path }) =>
    [wanted].flat().some((type) => isOfType(value, type)) ? [] : [`${path}: is no ${String(wanted)}`],
  const: (value, wanted, { path }) => (value === wanted ? [] : [`${path}: is not ${String(wanted)}`]),
  enum: (value, wanted, { path }) =>
    (wanted as unknown[]).includes(value) ? [] : [`${path}: is none of ${String(wanted)}`],
  minimum: (value, wanted, { path }) =>
    typeof value === 'number' && value < Number(wanted) ? [`${path}: is below ${String(wanted)}`] : [],
  format: (value, wanted, { path }) => {
    if (wanted !== 'date-time') throw new Error(`${path}: the format "${String(wanted)}" is not known`);
    return isDateTime(value) ? [] : [`${path}: is no date-time`];
  },
  items: (value, wanted, { root, path }) =>
    (Array.isArray(value) ? (value as unknown[]) : []).flatMap((item, i) =>
      violations(item, wanted as Schema, { root, path: `${path}[${i}]` }),
    ),
  required: (value, wanted, { path }) =>
    (wanted as string[])
      .filter((name) => !(name in fieldsOf(value)))
      .map((name) => `${path}.${name}: is missing`),
  properties: (value, wanted, { root, path }) =>
    Object.entries(wanted as Record<string, Schema>).flatMap(([name, schema]) =>
      name in fieldsOf(value)
        ? violations(fieldsOf(value)[name], schema, { root, path: `${path}.${name}` })
        : [],
    ),
  additionalProperties: (value, wanted, { path }, { properties = {} }) => {
    if (wanted !== false) throw new Error(`${path}: additionalProperties may only be false`);
    return Object.keys(fieldsOf(value))
      .filter((name) => !(name in (properties as object)))
      .map((name) => `${path}.${name}: is not described`);
  },
};

/** What is wrong with a value parsed from JSON, a line each. Throws on a schema that it does not understand. */
export const violationsOf = (value: unknown, schema: Schema): string[] =>
  violations(value, schema, { root: schema, path: '$' });

function violations(value: unknown, schema: Schema, place: Place): string[] {
  if (schema['type'] === 'object' && !('additionalProperties' in schema)) {
    throw new Error(`${place.path}: the schema leaves open which fields there are`);
  }
  return Object.entries(schema)
    .filter(([keyword]) => !annotations.has(keyword))
    .flatMap(([keyword, wanted]) => {
      const check = checks[keyword];
      if (check === undefined) throw new Error(`${place.path}: the keyword "${keyword}" is not known`);
      return check(value, wanted, place, schema);
    });
}

/** "#/$defs/time" */
function definition(root: Schema, reference: unknown): Schema {
  const name = /^#\/\$defs\/(\w+)$/.exec(String(reference))?.[1] ?? '';
  const found = (root['$defs'] as Record<string, Schema> | undefined)?.[name];
  if (found === undefined) throw new Error(`there is no "${String(reference)}" in the schema`);
  return found;
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  isOfType(value, 'object') ? (value as Record<string, unknown>) : {};

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
    default:
      throw new Error(`the type "${String(type)}" is not known`);
  }
}

/** RFC 3339, in UTC. */
const isDateTime = (value: unknown): boolean =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(value) &&
  !Number.isNaN(Date.parse(value));
