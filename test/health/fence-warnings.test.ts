import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePorts } from '../../src/config/ports.ts';
import { fenceWarnings } from '../../src/health/fence-warnings.ts';
import type { Fence } from '../../src/policy/policy.ts';
import { fenceOf } from '../helpers/fences.ts';

const to = (ports: string, given: Partial<Fence>): Fence =>
  fenceOf({ ...given, scope: { interfaces: [], ports: parsePorts([ports], 'test') } });

const startsOf = (...fences: readonly Fence[]): string[] =>
  fenceWarnings(fences).map(({ message }) => message.split(' ').slice(0, 3).join(' '));

const lan = fenceOf({
  name: 'lan',
  countries: 'everyone',
  scope: { ports: [], interfaces: [{ name: 'lan0' }] },
});
const ru = fenceOf({ name: 'ru', mode: 'deny', countries: ['RU'] });

test('fenceWarnings() tells that HTTP/3 goes around a fence for tcp/443 alone', () => {
  assert.deepEqual(startsOf(to('tcp/443', { name: 'web' })), ['udp/443 is open']);
  assert.deepEqual(startsOf(to('tcp/443', { name: 'web' }), fenceOf({ countries: ['DE'] })), [
    'udp/443 is open',
  ]);
  assert.deepEqual(startsOf(to('tcp/443', { name: 'web', mode: 'deny', countries: ['RU'] })), [
    'udp/443 is open',
  ]);
  assert.deepEqual(startsOf(to('web', { name: 'web' })), []);
  assert.deepEqual(startsOf(to('tcp/443', { name: 'web', countries: 'everyone' }), fenceOf()), []);
  assert.deepEqual(startsOf(to('tcp/443', { name: 'web', isPreview: true })), []);
});

test('fenceWarnings() names each owner of an interface that an owner of ports overrides, and how to exclude it', () => {
  assert.deepEqual(fenceWarnings([lan, to('tcp/22', { name: 'ssh' })]), [
    {
      message: 'fence "ssh" decides about tcp/22 on lan0, not fence "lan"',
      remedy: 'if "lan" shall decide there, exclude its interfaces from "ssh": interfaces = ["!lan0"]',
    },
  ]);
  assert.deepEqual(startsOf(lan, fenceOf()), []);
});

test('fenceWarnings() tells of a deny fence that changes nothing', () => {
  assert.deepEqual(startsOf(ru, fenceOf()), ['fence "ru" keeps']);
  assert.deepEqual(startsOf(ru), []);
  assert.deepEqual(startsOf(ru, lan, fenceOf()), []);
  assert.deepEqual(startsOf(ru, fenceOf({ countries: ['CA', 'RU'] })), []);
});
