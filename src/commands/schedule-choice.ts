/** What may run the weekly refresh and the restore at boot. */
export const scheduleChoices = ['auto', 'systemd', 'cron', 'none'] as const;

export type ScheduleChoice = (typeof scheduleChoices)[number];
