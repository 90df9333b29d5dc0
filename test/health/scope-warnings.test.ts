import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePorts } from '../../src/config/ports.ts';
import { scopeWarnings } from '../../src/health/scope-warnings.ts';
import { fenceOf } from '../helpers/fences.ts';

const none = { interfaces: undefined, published: [] };
const on = (...interfaces: { name: string; not?: true }[]): ReturnType<typeof fenceOf> =>
  fenceOf({ name: 'lan', scope: { ports: [], interfaces } });

test('scopeWarnings() names interfaces of allow fences that the host does not have', () => {
  const host = { ...none, interfaces: ['lo', 'eth0', 'ppp12'] };
  const [warning, ...more] = scopeWarnings([on({ name: 'eht0' }, { name: 'wg*' }, { name: 'eth0' })], host);
  assert.deepEqual(more, []);
  assert.deepEqual(warning, {
    message:
      'fence "lan" is for interface "eht0" and "wg*", which this host does not have: there it keeps nobody out',
    remedy: 'if it is not one that comes later, correct its interfaces; there are lo, eth0 and ppp12',
  });
  for (const fence of [
    on({ name: 'eth0' }, { name: 'ppp*' }),
    on({ name: 'eth1', not: true }),
    fenceOf(),
    { ...on({ name: 'eht0' }), mode: 'deny' as const },
  ])
    assert.deepEqual(scopeWarnings([fence], host), []);
  assert.deepEqual(scopeWarnings([on({ name: 'eht0' })], none), [], 'not known');
});

test('scopeWarnings() tells of a port of a container that is named by its inner number', () => {
  const host = { ...none, published: [{ protocol: 'tcp' as const, outer: 8080, inner: 80 }] };
  const to = (ports: string): string[] =>
    scopeWarnings(
      [fenceOf({ name: 'web', scope: { interfaces: [], ports: parsePorts([ports], 'test') } })],
      host,
    ).map(({ message, remedy }) => `${message} -> ${remedy}`);
  const warning =
    'fence "web" names tcp/80, but clients reach that port of a container as tcp/8080: the fence is not for them -> name tcp/8080 in its ports';
  assert.deepEqual(to('tcp/80'), [warning]);
  assert.deepEqual(to('tcp/1-1000'), [warning]);
  for (const ports of ['tcp/80,tcp/8080', 'tcp/1-9000', 'tcp/8080', 'udp/80', 'ssh'])
    assert.deepEqual(to(ports), []);
  assert.deepEqual(scopeWarnings([fenceOf()], host), []);
});
