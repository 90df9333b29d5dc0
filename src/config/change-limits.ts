import type { ChangeLimits } from '../zones/judge-change.ts';
import type { SettledSettings } from './settled.ts';

/** Returns how much a zone may change from one accepted copy to the next, as the settings say it. */
export const changeLimitsOf = (
  settings: Pick<SettledSettings, 'max_zone_shrink_percent' | 'max_zone_growth_percent'>,
): ChangeLimits => ({
  shrink: settings.max_zone_shrink_percent / 100,
  growth: settings.max_zone_growth_percent / 100,
});
