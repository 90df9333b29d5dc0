/** What may run the weekly refresh and the restore at boot. */
export const schedules = ['auto', 'systemd', 'cron', 'none'] as const;

export type Schedule = (typeof schedules)[number];
