import { writeFile } from 'node:fs/promises';
import { geofenceCommand, must } from './commands.ts';
import type { Data } from './data.ts';
import type { Place, Subject } from './measure.ts';
import { costs, cpuOf } from './measure.ts';
import type { Row } from './table.ts';

/** The port of the last of the fences: no other has a higher one. */
export const LAST_PORT = 9190;

/** Who gets in to that, and by the one fence that the twenty are measured against. */
export const LAST_COUNTRIES = 'US';

const FENCES = 20;

/** Ten lists; the last is LAST_COUNTRIES. */
const lists = ['CA', 'DE', 'FR', 'GB', 'NL', 'SE', 'JP', 'AU', 'BR', LAST_COUNTRIES];

/** A configuration of so many fences, one for everything and the others each for a port. */
function twentyFences(settings: string): string {
  const others = Array.from({ length: FENCES - 1 }, (_, i) => {
    const [allow, port] = [lists[(i + 1) % lists.length] ?? '', LAST_PORT - 10 * (FENCES - 2 - i)];
    return `[[fence]]\nname = "f${i + 1}"\nallow = "${i === FENCES - 2 ? LAST_COUNTRIES : allow}"\nports = "tcp/${port}"\n`;
  });
  return `allow = "CA"\n${settings}\n${others.join('\n')}`;
}

/** Writes that configuration, and returns the words that name it to geofence. */
export async function configureTwenty(data: Data, settings = 'sources = ["ipdeny"]'): Promise<string[]> {
  const path = `${data.dir}/twenty.toml`;
  await writeFile(path, twentyFences(settings));
  return ['--config', path];
}

/** What `plan` and `status` take with twenty fences over ten lists, against one fence of all those countries. */
export async function twentyRows(place: Place, runs: number, data: Data): Promise<Row[]> {
  const twenty = await configureTwenty(data);
  const one = ['--allow', lists.join(',')];
  const geofence = (...args: string[]): Subject['command'] => geofenceCommand(data, ...args);
  const refreshed = (args: readonly string[]) => async (): Promise<void> => {
    await must(place, geofence('remove'));
    await must(place, geofence('refresh', '--offline', ...args));
  };
  const taken = await costs(place, runs, {
    planTwenty: { command: geofence('plan', '--offline', ...twenty) },
    planOne: { command: geofence('plan', '--offline', ...one) },
    statusTwenty: { command: geofence('status', ...twenty), before: refreshed(twenty) },
    statusOne: { command: geofence('status', ...one), before: refreshed(one) },
  });
  return [
    {
      what: 'plan, 20 fences over 10 lists, CPU / one fence of all those countries',
      value: cpuOf(taken.planTwenty) / cpuOf(taken.planOne),
      unit: 'x',
      bar: 1.5,
    },
    {
      what: 'status, 20 fences over 10 lists, CPU / one fence of all those countries',
      value: cpuOf(taken.statusTwenty) / cpuOf(taken.statusOne),
      unit: 'x',
      bar: 1.5,
    },
  ];
}
