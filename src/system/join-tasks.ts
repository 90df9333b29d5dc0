/**
 * Waits for all of the tasks and returns their results. When one fails, the others are told to `stop`, and its error is
 * thrown only after they did: nothing may go on writing behind the back of a caller that has given up, and its lock.
 */
export async function joinTasks<T>(
  tasks: readonly Promise<T>[],
  stop: (reason: unknown) => void,
): Promise<T[]> {
  for (const task of tasks) task.catch(stop);
  await Promise.allSettled(tasks);
  return await Promise.all(tasks);
}
