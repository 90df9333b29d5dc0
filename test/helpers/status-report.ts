import type { StatusReport } from '../../src/report/status.ts';

const families = [
  {
    family: 'ipv4',
    set: 'geofence-main-allow-4',
    zones: 1,
    networks: 6078,
    prefixLengths: 17,
    keptPrefixLengths: 7,
    entries: 6600,
    addresses: 67_391_488,
    share: 0.0157,
  },
  {
    family: 'ipv6',
    set: 'geofence-main-allow-6',
    zones: 1,
    networks: 1091,
    prefixLengths: 1,
    keptPrefixLengths: 1,
    entries: 1091,
    addresses: 2 ** 100,
    share: 3.7e-9,
  },
] as const;

/** Who gets in at the ports. */
export const getsIn = { owner: 'main', who: 'only CA (Canada)' };

/** A host that is as it should be. */
export const goodReport: StatusReport = {
  schema: 1,
  state: 'up',
  ok: true,
  problems: [],
  warnings: [],
  policy: 'allow only CA (Canada); local addresses and 192.0.2.0/24 always get in',
  origin: '/etc/geofence/geofence.toml',
  pendingUntil: undefined,
  escapes: ['192.0.2.0/24'],
  local: true,
  access: [],
  holes: [],
  fences: [{ sentence: 'allow only CA (Canada)', mode: 'allow', countries: ['CA'], families }],
  families: [
    {
      family: 'ipv4',
      coverage: 'fenced',
      counters: {
        dropped: { packets: 12_345, bytes: 60 },
      },
    },
    {
      family: 'ipv6',
      coverage: 'fenced',
      counters: {
        dropped: { packets: 1, bytes: 60 },
      },
    },
  ],
  counted: [],
  listeners: [
    { protocol: 'tcp', port: 22, family: 'ipv4', fenced: true, ...getsIn },
    { protocol: 'tcp', port: 22, family: 'ipv6', fenced: true, ...getsIn },
  ],
  zones: [
    { zone: 'CA IPv4', source: 'ipdeny', fetchedAt: '2026-11-18T06:25:00.000Z', ageSeconds: 172_800 },
    { zone: 'CA IPv6', source: 'ipdeny', fetchedAt: '2026-11-18T06:25:01.000Z', ageSeconds: 172_799 },
  ],
  maxZoneAgeDays: 6,
  schedule: { by: 'geofence-refresh.timer', nextRun: '2026-11-23T00:00:00.000Z' },
};
