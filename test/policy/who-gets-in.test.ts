import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePorts } from '../../src/config/ports.ts';
import { accessTo, whoGetsIn } from '../../src/policy/who-gets-in.ts';
import type { Fence } from '../../src/policy/policy.ts';
import { fenceOf } from '../helpers/fences.ts';

const to = (ports: string, given: Partial<Fence>): Fence =>
  fenceOf({ ...given, scope: { interfaces: [], ports: parsePorts([ports], 'test') } });

const rows = (...fences: readonly Fence[]): string[] =>
  whoGetsIn(fences).map(({ way, who, owner }) => `${way}: ${who} (${owner ?? 'nobody'})`);

test('one fence for everything has no table', () => {
  assert.deepEqual(rows(fenceOf()), []);
  assert.deepEqual(rows(fenceOf(), fenceOf({ name: 'ru', mode: 'deny', countries: ['RU'] })), []);
});

test('each group of ports has a row, whatever the protocol', () => {
  assert.deepEqual(
    rows(
      fenceOf({ name: 'ru', mode: 'deny', countries: ['RU'] }),
      to('ssh', { name: 'ssh' }),
      to('web', { name: 'web', countries: 'everyone' }),
      fenceOf({ countries: ['DE', 'FR'] }),
    ),
    [
      'tcp/22: only CA (Canada), but not RU (Russia) (ssh)',
      'tcp/80, tcp/443, udp/443: everybody, but not RU (Russia) (web)',
      'everything else: only DE, FR, but not RU (Russia) (main)',
    ],
  );
});

test('interfaces have rows of their own, and a preview is told', () => {
  const cameras: Fence = fenceOf({
    name: 'cameras',
    mode: 'deny',
    countries: ['CN'],
    scope: { ports: [], interfaces: [{ name: 'wan0' }, { name: 'ppp*' }] },
  });
  assert.deepEqual(rows(cameras, to('tcp/22', { name: 'ssh', isPreview: true })), [
    'tcp/22 on wan0: everybody, but not CN (China); ssh only counts (nobody)',
    'tcp/22 on ppp*: everybody, but not CN (China); ssh only counts (nobody)',
    'tcp/22 on other interfaces: everybody; ssh only counts (nobody)',
    'everything else on wan0: everybody, but not CN (China) (nobody)',
    'everything else on ppp*: everybody, but not CN (China) (nobody)',
    'everything else on other interfaces: everybody (nobody)',
  ]);
});

const at = (port: number, ...fences: readonly Fence[]): (string | undefined)[] => {
  const { owner, who } = accessTo(fences, { protocol: 'tcp', port });
  return [owner, who];
};

test('accessTo() tells who gets in at a port, and whose it is', () => {
  const ssh = to('ssh', { name: 'ssh' });
  const lan = fenceOf({
    name: 'lan',
    countries: 'everyone',
    scope: { ports: [], interfaces: [{ name: 'lan0' }] },
  });
  const ru = fenceOf({ name: 'ru', mode: 'deny', countries: ['RU'] });
  assert.deepEqual(at(22, ssh, lan, ru), ['ssh', 'only CA (Canada), but not RU (Russia)']);
  assert.deepEqual(at(80, ssh, lan), [undefined, 'on lan0: everybody; on other interfaces: everybody']);
  assert.deepEqual(at(80, ssh, lan, fenceOf()), [
    undefined,
    'on lan0: everybody; on other interfaces: only CA (Canada)',
  ]);
  assert.deepEqual(at(65_535, ru), [undefined, 'everybody, but not RU (Russia)']);
  assert.deepEqual(at(0), [undefined, 'everybody']);
});
