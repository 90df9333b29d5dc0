/** A tool of the fake kernel ends with this on its stderr. */
export class ToolFailure extends Error {
  readonly status: number;

  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}
