import { readInstallation } from '../install/installation.ts';
import { ownFolders } from '../install/manifest.ts';
import { installationJson, installationRows } from '../report/installation.ts';
import { listRows } from '../words/format.ts';
import type { Tree } from '../system/tree.ts';
import { withConsent } from '../install/confirmed-task.ts';
import { removeFence } from '../apply/remove-fence.ts';
import type { Context } from '../context/context.ts';
import { removalInputsOf } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import { describeChange } from '../plan/describe-change.ts';
import { openTree } from '../install/open-tree.ts';
import { readInstalled, removeFolders } from '../install/installed.ts';
import { callSystemctl, runInstall, hasWork, planUninstall } from '../install/run-install.ts';
import type { ParsedOptions } from '../context/parsed-options.ts';

/** The cache folder is a link to this once systemd ran the unit that fetches (DynamicUser= in systemd.exec(5)). */
const PRIVATE_CACHE = '/var/cache/private/geofence';

/**
 * Takes the fence away, then exactly the files and lines that `install` put there, once somebody agreed. Throws
 * UsageError where nobody can be asked.
 */
export async function uninstall(context: Context, options: ParsedOptions): Promise<Outcome> {
  const { flags, system, info, signal } = context;
  const tree = openTree(options.root, { isDryRun: flags.dryRun, isRoot: system.isRoot });
  const installed = await readInstalled(tree);
  const purge = options.purge === true;
  const prefix = options.prefix ?? installed.prefix ?? '/usr/local';
  const { program, artifacts, stale } = await readInstallation(tree, prefix);
  // The program, which may be the one that runs, goes last.
  const files = [...artifacts, ...program.toReversed(), ...stale];
  const plan = await planUninstall(tree, files, purge);
  const purged = purge ? await existing(tree, [...ownFolders, PRIVATE_CACHE]) : [];
  const isHost = tree.root === '/';
  const removal = removalInputsOf(context);
  const found = isHost ? await removeFence({ ...removal, isDryRun: true }) : [];
  const fence = found.map(describeChange);
  if (purge && isHost) tellOfOtherFolders(context);
  const report = {
    changes: plan.changes,
    made: [],
    removed: purged,
    systemctl: [...plan.before, ...plan.after],
    warnings: [],
  };
  const tools = { tree, run: system.run, info, signal };
  return await withConsent(
    {
      rows: [...listRows('fence', fence), ...installationRows(report)],
      json: { fence, ...installationJson(report) },
      isNeeded: fence.length > 0 || purged.length > 0 || installed.prefix !== undefined || hasWork(plan),
      isAgreed: options.yes === true,
      isDryRun: flags.dryRun,
      question: 'Remove this?',
      work: async () => {
        // First what could put the fence back.
        await callSystemctl(plan.before, tools);
        if (isHost) await removeFence(removal);
        await runInstall({ ...plan, before: [] }, tools);
        await removeFolders(tree, purged);
      },
      done: purge ? 'geofence is gone' : 'geofence is gone, but for its configuration and zones',
      nothing: 'nothing, geofence is not installed',
    },
    { system, info, signal },
  );
}

/** Nobody knows what else is in a folder of somebody's choice. */
function tellOfOtherFolders({ config, warn }: Context): void {
  const { cacheDir, memory, fileOf } = config;
  for (const key of ['cache_dir', 'state_dir'] as const) {
    const file = fileOf(key);
    if (file === undefined) continue;
    warn(`"${key === 'cache_dir' ? cacheDir : memory.dir}" stays: it was "${file}" that chose it`);
  }
}

async function existing(tree: Tree, paths: readonly string[]): Promise<string[]> {
  const found = [];
  for (const path of paths) if (await tree.has(path)) found.push(path);
  return found;
}
