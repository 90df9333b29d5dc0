import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { startHost } from '../helpers/host.ts';

/**
 * A server on `from` that redirects to `to`, where another server of the same process waits; PORT is its own. Prints its
 * URL, and "asked" when the other one is asked.
 */
const redirecting = `
const { createServer } = require('node:http');
const [from, to] = process.argv.slice(1);
const other = createServer((_, response) => { console.log('asked'); response.end('192.0.2.0/24\\n'); });
other.listen(0, '::', () => {
  const location = to.replace('PORT', other.address().port);
  const server = createServer((_, response) => response.writeHead(302, { location }).end());
  server.listen(0, from, () => console.log('http://' + from + ':' + server.address().port));
});
`;

for (const { name, from, to, reach } of [
  { name: 'an address', from: '203.0.113.1', to: 'http://127.0.0.1:PORT/x', reach: 'loopback' },
  { name: 'a name', from: '203.0.113.1', to: 'http://localhost:PORT/x', reach: 'loopback' },
  {
    name: 'the private address of a router',
    from: '203.0.113.1',
    to: 'http://10.9.8.7:PORT/x',
    reach: 'private',
  },
  {
    name: 'metadata of a cloud',
    from: '203.0.113.1',
    to: 'http://169.254.169.254:PORT/x',
    reach: 'link-local',
  },
  { name: 'loopback from a LAN', from: '10.9.8.7', to: 'http://127.0.0.1:PORT/x', reach: 'loopback' },
  {
    name: 'itself where the mirror is on loopback',
    from: '127.0.0.1',
    to: 'http://127.0.0.1:PORT/x',
    reach: undefined,
  },
  {
    name: 'a LAN where the mirror is in one',
    from: '10.9.8.7',
    to: 'http://10.9.8.8:PORT/x',
    reach: undefined,
  },
  { name: 'the Internet', from: '203.0.113.1', to: 'http://203.0.113.2:PORT/x', reach: undefined },
])
  test(`a redirect to ${name} is ${reach === undefined ? 'followed' : 'not followed'}`, async (t) => {
    const host = await startHost(t);
    for (const address of ['203.0.113.1', '203.0.113.2', '10.9.8.7', '10.9.8.8', '169.254.169.254'])
      await host.tool('ip', 'address', 'add', `${address}/32`, 'dev', 'lo');
    const server = host.namespace.start(process.execPath, ['-e', redirecting, from, to]);
    t.after(() => server.kill());
    let printed = '';
    server.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    if (server.stdout !== null) await once(server.stdout, 'data');
    const [url = ''] = printed.split('\n');
    const { stderr } = await host.geofence(['fetch', '--allow', 'CA', '--mirror', url]);
    assert.equal(printed.includes('asked'), reach === undefined, stderr);
    if (reach !== undefined)
      assert.match(stderr, new RegExp(`redirected to \\S+, which is a ${reach} address`));
  });
