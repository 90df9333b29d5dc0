/** What is enabled; the other two are started by these. */
const units = ['geofence-sets.service', 'geofence.service', 'geofence-refresh.timer'];

/** Asks for what `parseUnits` reads. */
export const showUnits: readonly string[] = [
  'show',
  '--property=Id,UnitFileState,ActiveState,NeedDaemonReload',
  ...units,
];

/** What systemd holds of a unit. */
export interface UnitStatus {
  readonly isEnabled: boolean;
  readonly isActive: boolean;
  readonly needsReload: boolean;
}

/** Reads the paragraphs of `systemctl show`, one a unit. */
export const parseUnits = (text: string): ReadonlyMap<string, UnitStatus> =>
  new Map(
    text
      .split('\n\n')
      .map((paragraph) => new Map(paragraph.split('\n').map((line) => splitOnce(line, '='))))
      .map((properties): [string, UnitStatus] => [
        properties.get('Id') ?? '',
        {
          isEnabled: properties.get('UnitFileState') === 'enabled',
          isActive: properties.get('ActiveState') === 'active',
          needsReload: properties.get('NeedDaemonReload') === 'yes',
        },
      ]),
  );

function splitOnce(line: string, separator: string): [string, string] {
  const at = line.indexOf(separator);
  return [line.slice(0, at), line.slice(at + 1)];
}

type Command = readonly string[];

const RELOAD: Command = ['daemon-reload'];

/** The calls of systemctl, as arguments, that put the written units to work; none when they are at work. */
export function enableSteps(found: ReadonlyMap<string, UnitStatus>, hasNewTexts: boolean): Command[] {
  const isTrue = (test: (unit: UnitStatus) => boolean) => (name: string) => {
    const unit = found.get(name);
    return unit !== undefined && test(unit);
  };
  const disabled = units.filter((name) => !isTrue(({ isEnabled }) => isEnabled)(name));
  const timers = units.filter((name) => name.endsWith('.timer'));
  const idle = timers.filter((name) => !isTrue(({ isActive }) => isActive)(name));
  return [
    ...(hasNewTexts || units.some(isTrue(({ needsReload }) => needsReload)) ? [RELOAD] : []),
    ...(disabled.length === 0 ? [] : [['enable', ...disabled]]),
    // Not the services: without a policy they would fail, and what is fenced now is fenced.
    ...(idle.length === 0 ? [] : [['start', ...idle]]),
  ];
}

/** Those that take the units out of work, before their files are removed and after. */
export function disableSteps(
  found: ReadonlyMap<string, UnitStatus>,
  hasFiles: boolean,
): { before: Command[]; after: Command[] } {
  const working = units.filter((name) => {
    const unit = found.get(name);
    return unit !== undefined && (unit.isEnabled || unit.isActive);
  });
  return {
    before: working.length === 0 ? [] : [['disable', '--now', ...working]],
    after: hasFiles ? [RELOAD] : [],
  };
}
