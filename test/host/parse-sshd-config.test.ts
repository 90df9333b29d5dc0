import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSshdPorts } from '../../src/host/parse-sshd-config.ts';

for (const [text, want] of [
  ['', []],
  ['#Port 22\n', []],
  ['Port 2222\n', [2222]],
  ['  port = 2222 # since then\nPORT "22"\nPort 22\n', [2222, 22]],
  ['Port=2222', [2222]],
  ['ListenAddress 0.0.0.0\nListenAddress ::\nListenAddress 2001:db8::22\n', []],
  [
    'ListenAddress 192.0.2.1:2200\nListenAddress [2001:db8::1]:2201\nlistenaddress host.example:2202',
    [2200, 2201, 2202],
  ],
  ['Port 0\nPort 65536\nPort ssh\nPortable 7\nPermitOpen host:80\n', []],
] as const)
  test(`parseSshdPorts() of ${JSON.stringify(text)} is ${want.join(', ') || 'none'}`, () => {
    assert.deepEqual(parseSshdPorts(text), want);
  });
