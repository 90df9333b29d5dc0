import type { Schedule } from '../report/status.ts';
import type { System } from '../system/system.ts';
import { tryRead } from '../errors.ts';

const TIMER = 'geofence-refresh.timer';
/** Here `systemctl enable` puts a link to the timer. */
const ENABLED = `/etc/systemd/system/timers.target.wants/${TIMER}`;
const JOB = '/etc/cron.weekly/geofence';

/**
 * Returns the enabled systemd timer or else the weekly cron job that runs `refresh`, as far as files tell; undefined
 * when nothing of ours is installed.
 */
export const findSchedule = async (system: System): Promise<Schedule | undefined> =>
  (await findTimer(system)) ?? (await findJob(system));

/** Whether systemd runs this host, by the folder that sd_booted(3) looks for. */
export const isSystemd = async ({ modifiedAt }: Pick<System, 'modifiedAt'>): Promise<boolean> =>
  (await modifiedAt('/run/systemd/system')) !== undefined;

/** A timer counts only where systemd runs. */
async function findTimer({ readText, modifiedAt, now }: System): Promise<Schedule | undefined> {
  const unit = await tryRead(readText(ENABLED));
  if (unit === undefined || !(await isSystemd({ modifiedAt }))) return undefined;
  const calendar = /^OnCalendar=(.*)$/m.exec(unit)?.[1] ?? '';
  // With Persistent=yes systemd notes in the time of this file when the timer last elapsed, or was first started.
  const stamp = (await modifiedAt(`/var/lib/systemd/timers/stamp-${TIMER}`)) ?? now();
  // systemd.time(7): weekly is Monday, midnight.
  return { by: TIMER, ...(calendar === 'weekly' ? { nextRun: nextWeekly(stamp, 1) } : { calendar }) };
}

async function findJob({ readText, modifiedAt, now }: System): Promise<Schedule | undefined> {
  if ((await modifiedAt(JOB)) === undefined) return undefined;
  // anacron(8) notes the day of the last run, "20261115", and runs the next a week after it.
  const noted = await tryRead(readText('/var/spool/anacron/cron.weekly'));
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)\s*$/.exec(noted ?? '') ?? [];
  if (day !== undefined) {
    return { by: JOB, nextRun: new Date(Number(year), Number(month) - 1, Number(day) + 7).toISOString() };
  }
  // "47 6 * * 7 root test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.weekly; }"
  const table = (await tryRead(readText('/etc/crontab'))) ?? '';
  const [, minute, hour, weekday] =
    /^(\d+)\s+(\d+)\s+\*\s+\*\s+(\d)\s.*\/etc\/cron\.weekly\b/m.exec(table) ?? [];
  if (weekday === undefined) return { by: JOB };
  return { by: JOB, nextRun: nextWeekly(now(), Number(weekday), Number(hour), Number(minute)) };
}

/** The first such time of the week after `after`, by the clock on the host's wall; ISO 8601. */
function nextWeekly(after: number, weekday: number, hour = 0, minute = 0): string {
  const next = new Date(after);
  next.setHours(hour, minute, 0, 0);
  next.setDate(next.getDate() + ((weekday - next.getDay() + 7) % 7));
  if (next.getTime() <= after) next.setDate(next.getDate() + 7);
  return next.toISOString();
}
