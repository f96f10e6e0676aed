/** How processes that share a log agree on who may answer. The same in all of them. */
export interface SharedSettings {
  /** L: how long a process may answer from cache without word from the log. */
  readonly leaseMs: number
  /** How much later than that the log forgets it: for the difference of clocks' speeds and the way of the message. */
  readonly slackMs: number
  /** How long the follower's lease lasts without being renewed. */
  readonly followerLeaseMs: number
  /** The most that one call to the log may take. */
  readonly deadlineMs: number
}
