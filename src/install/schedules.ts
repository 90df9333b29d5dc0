/** What runs geofence every week and at boot; `none` for somebody who sees to that. */
export const schedules = ['systemd', 'cron', 'none'] as const;
export type Schedule = (typeof schedules)[number];
