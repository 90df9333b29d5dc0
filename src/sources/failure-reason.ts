import { DeadlineError } from './deadline.ts';
import { FetchError } from './fetch-error.ts';

/** Why a source could not help, for a list of such reasons. What is no fault of a source is thrown on. */
export function failureReason(error: unknown): string {
  if (error instanceof FetchError) return `${error.url}: ${error.problem.reason}`;
  if (error instanceof DeadlineError) return error.message;
  throw error;
}
