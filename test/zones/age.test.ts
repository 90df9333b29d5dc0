import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageOf, isStale } from '../../src/zones/age.ts';

const fetchedAt = '2025-09-04T12:00:00.000Z';
const then = Date.parse(fetchedAt);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const ages = [
  { name: 'the time that passed', now: then + DAY, want: DAY },
  { name: 'nothing when the clock was put right a little', now: then - 4 * MINUTE, want: 0 },
  { name: 'infinite when it comes from the future', now: then - 6 * MINUTE, want: Infinity },
];
for (const { name, now, want } of ages)
  test(`ageOf() is ${name}`, () => assert.equal(ageOf(then, now), want));

test('ageOf() is infinite when the time cannot be read', () =>
  assert.equal(ageOf(Date.parse('yesterday'), then), Infinity));

const staleness = [
  { name: 'is false on the last day', now: then + 6 * DAY - 1, maxAgeDays: 6, want: false },
  { name: 'is true from the age limit on', now: then + 6 * DAY, maxAgeDays: 6, want: true },
  { name: 'is true at once with an age limit of 0', now: then, maxAgeDays: 0, want: true },
  { name: 'takes parts of days', now: then + DAY / 2, maxAgeDays: 0.5, want: true },
  { name: 'is true after the clock was set back', now: then - DAY, maxAgeDays: 6, want: true },
];
for (const { name, now, maxAgeDays, want } of staleness)
  test(`isStale() ${name}`, () => assert.equal(isStale(ageOf(then, now), maxAgeDays), want));
