import { variants } from '../firewall/variants.ts';
import { sourceNames } from '../zones/source-names.ts';
import { LOG_RATE } from '../policy/log-rate.ts';
import { hostFolders } from './folders.ts';
import type { Setting } from './setting.ts';
import type { NumberKind, ValueOf } from './values.ts';

const LOG_LIMIT = `${LOG_RATE.count} lines a ${LOG_RATE.per}`;

const positivePercent: NumberKind = { is: 'number', what: 'a number of percent above 0', above: 0 };

/**
 * Every setting, stated once. The type of settings, their defaults and schema, flags and variables, the template of the
 * configuration file and the manual are made from this.
 *
 * A new flag takes two files: for a setting its row here and whatever goes by it (UPDATE_GOLDEN=1 npm test makes the golden files); for what holds in one run cli/options.ts, context/parsed-options.ts and its command.
 */
const table = {
  allow: {
    value: { is: 'words' },
    example: ['CA', 'US'],
    comment: 'Only these countries get in.',
    flags: [
      {
        syntax: '--allow <countries>',
        description: 'only these get in: CA,US or @eu or "@europe !RU"',
        group: 'Policy',
      },
    ],
    changesFence: true,
  },
  deny: {
    value: { is: 'words' },
    example: ['RU', 'CN'],
    comment: 'These countries do not get in; a policy has one of the two.',
    flags: [{ syntax: '--deny <countries>', description: 'these do not get in', group: 'Policy' }],
    changesFence: true,
  },
  allow_subnets: {
    value: { is: 'words' },
    default: [],
    example: ['192.0.2.0/24', '2001:db8::/32'],
    comment: 'Addresses and networks that always get in.',
    flags: [
      {
        syntax: '--allow-subnet <cidr>',
        description: 'an address or network that always gets through',
        group: 'Policy',
      },
    ],
    variable: 'ALLOWSUBNET',
    changesFence: true,
  },
  ipv6: {
    value: { is: 'switch' },
    default: true,
    comment: 'Whether IPv6 is fenced too; it stays open with false.',
    flags: [
      { syntax: '--ipv4-only', description: 'leave IPv6 open', group: 'Policy', sets: false },
      {
        syntax: '--ipv6',
        description: 'fence IPv6 too (the default)',
        group: 'Policy',
        sets: true,
        of: 'init',
      },
    ],
    changesFence: true,
  },
  local: {
    value: { is: 'switch' },
    default: true,
    comment: 'Whether local addresses (private, link-local, ...) always get in.',
    flags: [
      {
        syntax: '--no-local',
        description: 'fence local (private, link-local, ...) addresses too',
        group: 'Policy',
        sets: false,
      },
    ],
    changesFence: true,
  },
  log_drops: {
    value: { is: 'switch' },
    default: false,
    comment: `Whether the kernel logs what is dropped, ${LOG_LIMIT} at most.`,
    flags: [
      {
        syntax: '--log-drops',
        description: `let the kernel log what is dropped, ${LOG_LIMIT} at most`,
        group: 'Policy',
        sets: true,
      },
    ],
    changesFence: true,
  },
  early_drop: {
    value: { is: 'switch' },
    default: true,
    comment: 'Whether new TCP connections are dropped before connection tracking.',
    changesFence: true,
  },
  max_extra_entries_percent: {
    value: { is: 'number', what: 'a number of percent, 0 to 1000', min: 0, max: 1000 },
    default: 10,
    comment: 'How many more entries a set may have for the sake of cheaper lookups.',
    changesFence: true,
  },
  sources: {
    value: { is: 'choices', of: sourceNames },
    default: ['ipdeny', 'ipverse'],
    comment: 'Who is asked for zones, best first.',
    changesFence: false,
  },
  mirror: {
    value: { is: 'url' },
    example: 'https://mirror.example/ipdeny',
    comment: "A base URL with ipdeny's layout, in place of ipdeny's.",
    flags: [
      {
        syntax: '--mirror <url>',
        description: "a base URL with ipdeny's layout, in place of ipdeny's",
        group: 'Zones',
      },
    ],
    variable: 'GEOFENCE_MIRROR',
    changesFence: false,
  },
  max_zone_age_days: {
    value: { is: 'number', what: 'a number of days, at least 0', min: 0 },
    default: 6,
    comment: 'The age in days from which zones are asked for again.',
    flags: [
      {
        syntax: '--max-zone-age <days>',
        description: 'zones this old are asked for again (6)',
        group: 'Zones',
      },
    ],
    variable: 'MAXZONEAGE',
    changesFence: false,
  },
  concurrency: {
    value: { is: 'number', what: 'a whole number, 1 to 64', min: 1, max: 64, isWhole: true },
    otherwise: '2',
    example: 2,
    comment: 'Requests at once to one host; more draws errors from ipdeny.',
    flags: [{ syntax: '--concurrency <n>', description: 'requests at once to one host (2)', group: 'Zones' }],
    changesFence: false,
  },
  deadline_seconds: {
    value: { is: 'number', what: 'a number of seconds above 0, at most 2147483', above: 0, max: 2_147_483 },
    default: 120,
    comment: 'How long fetching may take in all.',
    changesFence: false,
  },
  max_zone_shrink_percent: {
    value: positivePercent,
    default: 20,
    comment: 'A zone that lost more of its addresses since the last copy is refused.',
    changesFence: false,
  },
  max_zone_growth_percent: {
    value: positivePercent,
    default: 50,
    comment: 'A zone that grew by more since the last copy is refused.',
    changesFence: false,
  },
  ports: {
    value: { is: 'words' },
    example: ['ssh', 'tcp/8443', 'udp/1000-2000'],
    comment: 'The ports that allow or deny is for: all of them, unless this says which.',
    flags: [
      { syntax: '--ports <ports>', description: 'only for these: tcp/22,udp/1-99, ssh', group: 'Policy' },
    ],
    changesFence: true,
  },
  interfaces: {
    value: { is: 'words' },
    example: ['wan0', 'ppp*'],
    comment:
      'The interfaces that allow or deny is for: names, the beginning of names and a "*", "!" before all others.',
    flags: [{ syntax: '--interfaces <names>', description: 'only on these: eth0,ppp*', group: 'Policy' }],
    changesFence: true,
  },
  ssh_ports: {
    value: { is: 'ports' },
    otherwise: 'found, else 22',
    example: [22],
    comment: 'Where sshd listens, besides where it is found.',
    changesFence: false,
  },
  cache_dir: {
    value: { is: 'path' },
    otherwise: `${hostFolders.cache}, in a checkout zones-cache`,
    example: hostFolders.cache,
    comment: 'Where zones are kept.',
    flags: [{ syntax: '--cache-dir <dir>', description: 'where zones are kept', group: 'General' }],
    variable: 'GEOFENCE_CACHE_DIR',
    changesFence: false,
  },
  state_dir: {
    value: { is: 'path' },
    otherwise: `root: ${hostFolders.state}, others: "state" in the cache`,
    example: hostFolders.state,
    comment: 'Where the policy and the former fence are remembered.',
    flags: [
      {
        syntax: '--state-dir <dir>',
        description: 'where the policy and the former fence are remembered',
        group: 'General',
      },
    ],
    variable: 'GEOFENCE_STATE_DIR',
    changesFence: false,
  },
  iptables: {
    value: { is: 'choice', of: variants },
    default: 'auto',
    comment: "Which iptables to use: auto (the host's own), nft or legacy.",
    flags: [{ syntax: '--iptables <variant>', description: 'which iptables to use', group: 'General' }],
    changesFence: false,
  },
  // The last one: in TOML what stands below a table belongs to it.
  fence: {
    value: { is: 'fences' },
    example: [{ name: 'ssh', allow: ['CA'], ports: ['tcp/22'] }],
    comment: 'A further fence, for the ports and interfaces that it names; there may be several.',
    changesFence: true,
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingsTable = typeof table;
export type SettingName = keyof SettingsTable;

/** Every setting with its name, in the order in which they are stated in the table. */
export const settingRows = Object.entries(table) as readonly (readonly [SettingName, Setting])[];

export const settingNames = Object.keys(table) as readonly SettingName[];

/** Returns all there is to say of a setting. */
export const settingOf = (name: SettingName): Setting => table[name];

/**
 * What one layer (flags, environment, file, remembered) says; what it is silent about is absent. The names are those
 * of the configuration file, so that one schema reads the file and the remembered settings alike.
 */
export type Settings = { -readonly [Name in SettingName]?: ValueOf<SettingsTable[Name]['value']> };
