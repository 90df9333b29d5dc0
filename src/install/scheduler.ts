/** What runs geofence every week and at boot; `auto`: systemd where it runs, else cron. */
export const scheduleChoices = ['auto', 'systemd', 'cron', 'none'] as const;
export type ScheduleChoice = (typeof scheduleChoices)[number];

/** What runs geofence on a host, `auto` resolved. */
export type Scheduler = Exclude<ScheduleChoice, 'auto'>;
