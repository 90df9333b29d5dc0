import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { exportFormats, exportNameProblem } from '../../src/report/export-formats.ts';
import { loadScript } from '../../src/firewall/load-script.ts';
import { renderExport } from '../../src/report/export.ts';
import { assertGolden } from '../helpers/golden.ts';
import { boundsIn } from '../helpers/states.ts';

const networks = ['192.0.2.0/25', '192.0.2.128/25', '198.51.100.7/32', '2001:db8::/32', '2001:db9::1/128'];
const list = {
  title: 'CA, RU, IPv4 and IPv6, from ipdeny, 2025-09-04',
  name: 'countries',
  sets: [boundsIn(ipv4, networks), boundsIn(ipv6, networks)],
};

for (const format of exportFormats)
  test(`renderExport() writes ${format}`, () =>
    assertGolden(renderExport(format, list, loadScript), `export.${format}`));

for (const format of exportFormats)
  test(`renderExport() leaves a family out of ${format}`, () => {
    const [four, six] = list.sets.map((bounds) =>
      renderExport(format, { ...list, title: '', sets: [bounds] }, loadScript),
    );
    assert.doesNotMatch(four!, /db8|ip6 |ipv6|inet6|-6/);
    assert.doesNotMatch(six!, /192|ip |ipv4|inet hash|-4/);
  });

test('renderExport() keeps what is not ours from starting a line', () => {
  const text = renderExport('haproxy', { ...list, title: 'from mirror\n0.0.0.0/1' }, loadScript);
  assert.equal(text.split('\n', 1)[0], '# from mirror?0.0.0.0/1');
});

for (const { name, problem } of [
  { name: 'a', problem: undefined },
  { name: 'us-and_2', problem: undefined },
  { name: 'a'.repeat(25), problem: undefined },
  { name: 'a'.repeat(26), problem: /26 characters, 25 are the most/ },
  { name: '', problem: /expected a lower-case letter/ },
  { name: '2a', problem: /expected a lower-case letter/ },
  { name: 'a b', problem: /expected a lower-case letter/ },
  { name: 'a\n', problem: /expected a lower-case letter/ },
  { name: 'DROP', problem: /expected a lower-case letter/ },
  { name: 'geofence-main', problem: /our own sets/ },
])
  test(`exportNameProblem() judges "${name.replace('\n', '\\n')}"`, () => {
    if (problem === undefined) assert.equal(exportNameProblem(name), undefined);
    else assert.match(exportNameProblem(name) ?? '', problem);
  });
