/** The links that a configuration asks for. */
import { ClusterLink } from './cluster-link.ts'
import { askCluster } from './cluster-nodes.ts'
import type { EntriesLink, LinkOptions, LogLink } from './link.ts'
import { type Directory, PrimaryLink } from './primary-link.ts'
import { askSentinels } from './sentinels.ts'

/** To the server that holds `key`. Returns at once; connects in the background. Whoever opens it closes it. */
export function openLogLink(options: LinkOptions, key: string): LogLink {
  const { connection, clock } = options
  return connection.mode === 'cluster'
    ? openPrimary(options, askCluster(connection, clock, key))
    : openPrimary(options, namedPrimary(options))
}

/** To wherever a key is. Returns at once; connects in the background. Whoever opens it closes it. */
export function openEntriesLink(options: LinkOptions): EntriesLink {
  return options.connection.mode === 'cluster' ? new ClusterLink(options) : openPrimary(options, namedPrimary(options))
}

function namedPrimary({ connection, clock }: LinkOptions): Directory | undefined {
  return connection.mode === 'sentinel' ? askSentinels(connection, clock) : undefined
}

function openPrimary(options: LinkOptions, directory: Directory | undefined): PrimaryLink {
  return new PrimaryLink({ ...options, ...(directory && { directory }) })
}
