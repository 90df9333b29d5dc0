import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHost } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import { openTerminal } from '../helpers/terminal.ts';

const skip = await kernelSkip('nft');

test('geofence init sets up a host', { skip }, async (t) => {
  const host = await startHost(t);
  const terminal = openTerminal(t, host, ['init'], ['SSH_CONNECTION=203.0.113.5 50022 192.0.2.1 22']);
  await terminal.answer('allow or deny [allow]: ', '');
  await terminal.answer('countries to let in: ', 'canada');
  await terminal.answer('countries to let in: ', 'ca');
  await terminal.answer('[203.0.113.5/32]: ', '');
  await terminal.answer('fence IPv6 [Y/n]: ', '');
  await terminal.answer('[auto]: ', 'none');
  await terminal.answer('[y/N]: ', 'y');
  await terminal.answer('[y/N]: ', 'y');
  const { status } = await terminal.end();
  console.log(terminal.shown);
  assert.equal(status, 0);
});
