import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { goodReport } from '../helpers/status-report.ts';
import { violationsOf } from '../helpers/json-schema.ts';

const text = await readFile('src/report/status.schema.json', 'utf8');
const schema = JSON.parse(text) as Record<string, unknown>;

/** As it is printed. */
const copy = (): Record<string, unknown> => JSON.parse(JSON.stringify(goodReport)) as Record<string, unknown>;

test('the schema of status describes a report, and is in the package', async () => {
  assert.deepEqual(violationsOf(copy(), schema), []);
  assert.equal(await readFile('dist/share/status.schema.json', 'utf8'), text);
  const { files } = JSON.parse(await readFile('package.json', 'utf8')) as { files: string[] };
  assert.ok(files.includes('dist/share'));
});

const [family] = goodReport.families;
const broken: readonly [name: string, change: Record<string, unknown>, want: string][] = [
  ['another version', { schema: 2 }, '$.schema: is not 1'],
  ['an unknown state', { state: 'fine' }, '$.state: is none of down,drifted,stale,pending,preview,up,none'],
  ['a wrong type', { ok: 'yes' }, '$.ok: is no boolean'],
  ['a field that is missing', { zones: undefined }, '$.zones: is missing'],
  ['a field too many', { colour: 'red' }, '$.colour: is not described'],
  ['a list that is none', { escapes: {} }, '$.escapes: is no array'],
  ['a wrong item', { escapes: [1] }, '$.escapes[0]: is no string'],
  [
    'a problem without a remedy',
    { problems: [{ kind: 'down', message: '' }] },
    '$.problems[0].remedy: is missing',
  ],
  ['a time in other words', { pendingUntil: 'tomorrow' }, '$.pendingUntil: is no date-time'],
  ['a negative number', { maxZoneAgeDays: -1 }, '$.maxZoneAgeDays: is below 0'],
  [
    'a count that is not whole',
    { families: [{ ...family, counters: { ...family?.counters, dropped: { packets: 1.5, bytes: 0 } } }] },
    '$.families[0].counters.dropped.packets: is no integer',
  ],
  [
    'null where it may not be',
    { zones: [{ ...goodReport.zones[0], source: null }] },
    '$.zones[0].source: is no string',
  ],
];

for (const [name, change, want] of broken) {
  test(`violationsOf() finds ${name}`, () => {
    const report = JSON.parse(JSON.stringify({ ...copy(), ...change })) as unknown;
    assert.deepEqual(violationsOf(report, schema), [want]);
  });
}

test('violationsOf() takes null for an age', () => {
  const report = { ...copy(), zones: [{ ...goodReport.zones[0], ageSeconds: null }] };
  assert.deepEqual(violationsOf(report, schema), []);
});

for (const [name, bad, says] of [
  ['an unknown keyword', { maxLength: 3 }, /keyword "maxLength" is not known/],
  ['an unknown type', { type: 'text' }, /type "text" is not known/],
  ['an unknown format', { format: 'uri' }, /format "uri" is not known/],
  ['an open object', { type: 'object' }, /leaves open which fields there are/],
  ['an object that takes anything', { type: 'object', additionalProperties: true }, /may only be false/],
  ['a dangling reference', { $ref: '#/$defs/nothing' }, /there is no "#\/\$defs\/nothing"/],
] as const) {
  test(`violationsOf() throws on ${name} in the schema`, () => {
    assert.throws(() => violationsOf({}, bad), says);
  });
}
