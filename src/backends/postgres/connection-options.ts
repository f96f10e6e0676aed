/** How Postgres is reached: plain values, checked. They hold secrets, so nobody logs them. */
export interface PostgresConnection extends PostgresServer {
  readonly database: string
  readonly user: string
  readonly password?: string
  readonly tls: false | { readonly ca?: string; readonly rejectUnauthorized: boolean }
  /** The schema that all tables are in. */
  readonly schema: string
  /** The most connections of this process to the primary. */
  readonly connections: number
  /** For one call of the store of entries. */
  readonly deadlineMs: number
  /** Read replicas, with the same database, user and TLS. */
  readonly replicas: readonly PostgresServer[]
}

export interface PostgresServer {
  /** A machine, or the folder of a Unix socket. */
  readonly host: string
  readonly port: number
}
