/** Where Redis is and how it is reached. Made from the configuration; holds secrets, so it is never logged. */
export interface RedisConnection {
  readonly mode: 'single' | 'sentinel' | 'cluster'
  readonly host: string
  readonly port: number
  /** Of the sentinels, or of some nodes of the cluster. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  readonly masterName: string
  readonly username?: string
  readonly password?: string
  readonly sentinelUsername?: string
  readonly sentinelPassword?: string
  readonly database: number
  readonly tls?: { readonly ca?: string }
  /** Every key begins with it. */
  readonly prefix: string
  /** The most that one call of the store may take. */
  readonly deadlineMs: number
  /** How many replicas must have confirmed a renewal before it counts; 0 for a Redis without replicas. */
  readonly replicas: number
  /** M: how long a master that was cut off goes on accepting writes: the server's `min-replicas-max-lag`. */
  readonly replicaLagMs: number
}
