import type { Command } from 'commander';
import { block } from '../block.ts';
import { programPath, PREFIX_PLACEHOLDER } from '../manifest.ts';
import { ifUpScript, netfilterPlugin, openRcService } from './boot-hooks.ts';
import { completions } from './completions.ts';
import { firewallLines, weeklyJob } from './cron-job.ts';
import { manual } from './manual.ts';
import { settingsTemplate } from './settings-template.ts';
import { systemdUnits } from './units.ts';

const inFolder = (folder: string, texts: ReadonlyMap<string, string>): [string, string][] =>
  [...texts].map(([name, text]) => [`${folder}/${name}`, text]);

/** The texts that the build writes into dist/share, by path; src/install/manifest.ts says where they go. */
export const shareTexts = (program: Command, examples: readonly string[]): ReadonlyMap<string, string> =>
  new Map([
    ['man/man8/geofence.8', manual(program, examples)],
    ...inFolder('completions', completions),
    ['geofence.toml', settingsTemplate],
    ...inFolder('systemd', systemdUnits(programPath(PREFIX_PLACEHOLDER))),
    ['cron/geofence.weekly', weeklyJob(PREFIX_PLACEHOLDER)],
    ['boot/05-geofence', netfilterPlugin(PREFIX_PLACEHOLDER)],
    ['boot/00geofence', ifUpScript(PREFIX_PLACEHOLDER)],
    ['boot/geofence-sets', openRcService(PREFIX_PLACEHOLDER)],
    ['cron/rc.firewall.local', `${block(firewallLines(PREFIX_PLACEHOLDER))}\n`],
  ]);
