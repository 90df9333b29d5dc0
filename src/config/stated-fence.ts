/** A fence as a configuration file states it. Of each list an item may hold several words. */
export interface StatedFence {
  readonly name: string;
  readonly allow?: readonly string[] | undefined;
  readonly deny?: readonly string[] | undefined;
  readonly ports?: readonly string[] | undefined;
  readonly interfaces?: readonly string[] | undefined;
  /** Addresses and networks that this fence never shuts out. */
  readonly allow_subnets?: readonly string[] | undefined;
  /** Whether it only counts what it would drop. */
  readonly preview?: boolean | undefined;
  /** Whether the kernel logs what it drops. */
  readonly log?: boolean | undefined;
  readonly description?: string | undefined;
}
