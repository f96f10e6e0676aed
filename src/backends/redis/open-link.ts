/** The link that a configuration asks for. */
import { openClusterLink } from './cluster-link.ts'
import type { LinkOptions, RedisLink } from './link.ts'
import { openPrimaryLink } from './primary-link.ts'
import { askSentinels } from './sentinels.ts'

/** Returns at once; connects in the background. Whoever opens it closes it. */
export function openLink(options: LinkOptions): RedisLink {
  switch (options.connection.mode) {
    case 'single':
      return openPrimaryLink(options)
    case 'sentinel':
      return openPrimaryLink({ ...options, directory: askSentinels(options.connection) })
    case 'cluster':
      return openClusterLink(options)
  }
}
