import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../src/errors.ts';
import { families } from '../../src/ip/family.ts';
import type { Source } from '../../src/sources/catalog.ts';
import { selectSources } from '../../src/sources/catalog.ts';

function urlsOf(source: Source): string[] {
  return families.flatMap((family) =>
    [source.zonePath({ country: 'CA', family }), source.archivePath?.(family), source.checksumPath?.(family)]
      .filter((path) => path !== undefined)
      .map((path) => source.base + path),
  );
}

test('selectSources() knows the layouts of ipdeny and ipverse', () => {
  assert.deepEqual(selectSources(['ipdeny', 'ipverse']).flatMap(urlsOf), [
    'https://www.ipdeny.com/ipblocks/data/countries/ca.zone',
    'https://www.ipdeny.com/ipblocks/data/countries/all-zones.tar.gz',
    'https://www.ipdeny.com/ipblocks/data/countries/MD5SUM',
    'https://www.ipdeny.com/ipv6/ipaddresses/blocks/ca.zone',
    'https://www.ipdeny.com/ipv6/ipaddresses/blocks/ipv6-all-zones.tar.gz',
    'https://www.ipdeny.com/ipv6/ipaddresses/blocks/MD5SUM',
    'https://raw.githubusercontent.com/ipverse/country-ip-blocks/master/country/ca/ipv4-aggregated.txt',
    'https://raw.githubusercontent.com/ipverse/country-ip-blocks/master/country/ca/ipv6-aggregated.txt',
  ]);
});

test('selectSources() keeps the order and takes each source once', () => {
  const names = selectSources(['ipverse', 'ipdeny', 'ipverse']).map(({ name }) => name);
  assert.deepEqual(names, ['ipverse', 'ipdeny']);
});

test('selectSources() asks ipdeny considerately', () => {
  const [ipdeny] = selectSources(['ipdeny']);
  assert.equal(ipdeny?.concurrency, 2);
  assert.equal(ipdeny?.pauseMilliseconds, 100);
});

for (const mirror of [
  'http://mirror.example/ipdeny',
  'http://mirror.example/ipdeny/',
  'http://mirror.example/ipdeny//',
])
  test(`selectSources() puts mirror ${mirror} in the place of ipdeny, under a name of its own`, () => {
    const [copy, ipverse] = selectSources(['ipdeny', 'ipverse'], mirror);
    assert.equal(copy?.name, 'mirror mirror.example');
    assert.equal(copy?.base, 'http://mirror.example/ipdeny');
    assert.equal(copy?.pauseMilliseconds, 0);
    assert.match(ipverse?.base ?? '', /githubusercontent/);
  });

const mistakes = [
  {
    names: ['ipdenny'],
    mirror: undefined,
    message: 'Cannot use source "ipdenny": it is not known',
    hint: 'the known sources are ipdeny, ipverse',
  },
  {
    names: ['ipverse'],
    mirror: 'http://a',
    message: 'Cannot use mirror "http://a": ipdeny, which it stands for, is not among the sources',
  },
  ...['mirror', 'ftp://a', 'http://a/?b', 'http://a/#b', 'https://user:secret@a/'].map((mirror) => ({
    names: ['ipdeny'],
    mirror,
    message: `Cannot use mirror "${mirror}": it is not a plain http or https URL`,
  })),
];
for (const { names, mirror, message, hint } of mistakes)
  test(`selectSources() refuses ${names.join()} with mirror ${mirror}`, () => {
    assert.throws(
      () => selectSources(names, mirror),
      (error) => {
        assert.ok(error instanceof UsageError);
        assert.equal(error.message, message);
        if (hint !== undefined) assert.equal(error.hint, hint);
        return true;
      },
    );
  });
