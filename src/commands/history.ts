import type { Context } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import { exitCodes } from '../errors.ts';
import type { HistoryReport } from '../report/history.ts';
import { renderHistory } from '../report/history.ts';
import { History } from '../state/history.ts';

/** Lists the runs that changed the kernel; warns of what cannot be read. */
export const history = async ({ config, system, warn }: Context): Promise<Outcome<HistoryReport>> => {
  const { entries, problems } = await new History(config.memory.dir).read(system.now());
  for (const problem of problems) warn(problem);
  return { exitCode: exitCodes.done, report: { runs: entries }, render: renderHistory };
};
