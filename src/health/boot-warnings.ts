import type { BootFacts } from '../host/boot-facts.ts';
import { setsComeFirst } from '../host/boot-facts.ts';
import type { Advice } from '../report/status.ts';
import { formatList } from '../words/format.ts';

/**
 * What makes our sets before saved rules are loaded, for somebody to add to a script: at boot the PATH of sysvinit has
 * no folder of /usr/local.
 */
const SETS_LINE = 'PATH=$PATH:/usr/local/sbin:/usr/local/bin geofence restore --sets-only --quiet --wait 60';

/**
 * Returns warnings about saved rules that the next boot could not load because of the fence, and the host would come up
 * without them.
 */
export const bootHazards = (facts: BootFacts): Advice[] => [
  ...unreadableRules(facts),
  ...(setsComeFirst(facts) ? [] : setlessRules(facts)),
];

/** nft prints what iptables-nft made in words that it cannot read: "xt match". */
const unreadableRules = ({ saved, isNftablesEnabled }: BootFacts): Advice[] =>
  saved
    .filter(({ text }) => isNftablesEnabled && /\bxt (?:match|target)\b/.test(text) && /GEOFENCE/.test(text))
    .map(({ path }) => ({
      message: `"${path}" holds the rules of the fence as "nft list ruleset" prints them, which nft cannot load ("xt match"): the next boot loads nothing of that file`,
      remedy:
        'take the tables "raw" and "mangle" with the rules of geofence out of that file: it puts them in place by itself',
    }));

function setlessRules(facts: BootFacts): Advice[] {
  const paths = facts.saved
    .filter(({ text }) => / --match-set geofence-/.test(text))
    .map(({ path }) => `"${path}"`);
  if (paths.length === 0) return [];
  const [names, it] = paths.length === 1 ? ['names', 'it'] : ['name', 'them'];
  return [
    {
      message: `${formatList(paths)} ${names} sets of geofence, which nothing makes at boot before they are needed: the next boot loads nothing of ${it}`,
      remedy: remedyFor(facts),
    },
  ];
}

const remedyFor = ({ isSystemd, loaders: { hooks, others } }: BootFacts): string =>
  isSystemd || (hooks.length > 0 && others.length === 0)
    ? 'geofence install'
    : `put this line before what loads it${others.length === 0 ? '' : ` in ${formatList(others)}`}: ${SETS_LINE}`;

/**
 * Returns what whoever installs geofence should know about how saved rules and the fence get along: the hazards, and
 * what may become one.
 */
export const bootWarnings = (facts: BootFacts): Advice[] => [
  ...bootHazards(facts),
  ...(facts.isNftablesEnabled ? [nftablesNote] : []),
  ...loaderNotes(facts),
];

const nftablesNote: Advice = {
  message:
    'a service loads rules of nft at boot: what "nft list ruleset" prints while the fence is up cannot be loaded again',
  remedy: 'save only tables of your own, with "nft list table FAMILY NAME"',
};

/** Without our sets what iptables-save writes while the fence is up cannot be loaded. */
function loaderNotes({ isSystemd, loaders }: BootFacts): Advice[] {
  if (isSystemd || loaders.others.length === 0) return [];
  return [
    {
      message: `${formatList(loaders.others)} may load saved rules at boot, and geofence cannot put its sets before that`,
      remedy: `put this line before: ${SETS_LINE}`,
    },
  ];
}
