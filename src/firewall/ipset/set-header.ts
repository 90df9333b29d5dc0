import { families, ipv4 } from '../../ip/family.ts';
import type { SetShape } from '../model.ts';

/** Types of ipset sets, with the options that make them what they are. */
const types: readonly (readonly [kind: SetShape['kind'], type: string])[] = [
  ['networks', 'hash:net'],
  ['addresses', 'hash:ip'],
  ['ports', 'bitmap:port range 0-65535'],
  ['connections', 'hash:ip,port,ip'],
];

/** Say nothing about what a set is for: sizes, which the kernel rounds, and the seed of the hash. */
const ignored = new Set(['hashsize', 'bucketsize', 'initval']);
/** Options that have a value. */
const valued = new Set(['family', 'netmask', 'timeout', 'maxelem', 'range', ...ignored]);

/**
 * Reads what a set is made for from the words of `ipset save` or `ipset list`, type first: ["hash:net", "family",
 * "inet", ...]. A type that we do not make gives kind `other`.
 */
export function parseHeader([type = '', ...words]: readonly string[]): SetShape {
  const values = new Map<string, string>();
  const extras: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (valued.has(word)) values.set(word, words[++i] ?? '');
    else extras.push(word);
  }
  const range = values.get('range');
  const full = range === undefined ? type : `${type} range ${range}`;
  const kind = types.find(([, candidate]) => candidate === full)?.[0] ?? 'other';
  const family = families.find((one) => familyWord(one) === values.get('family'));
  const [netmask, maxEntries] = [values.get('netmask'), values.get('maxelem')];
  return {
    kind,
    ...(family === undefined ? {} : { family }),
    ...(netmask === undefined ? {} : { netmask: Number(netmask) }),
    hasTimeouts: values.has('timeout'),
    ...(maxEntries === undefined ? {} : { maxEntries: Number(maxEntries) }),
    extras: [...(kind === 'other' ? [full] : []), ...extras].join(' '),
  };
}

const familyWord = (family: SetShape['family']): string => (family === ipv4 ? 'inet' : 'inet6');

/** The words for `ipset create` that make a set of this shape, without sizes: "hash:net family inet". */
export function renderHeader({ kind, family, netmask, hasTimeouts, extras }: SetShape): string {
  return [
    types.find(([name]) => name === kind)?.[1] ?? '',
    ...(family === undefined ? [] : [`family ${familyWord(family)}`]),
    ...(netmask === undefined ? [] : [`netmask ${netmask}`]),
    ...(hasTimeouts ? ['timeout 0'] : []),
    extras,
  ]
    .filter((part) => part !== '')
    .join(' ');
}
