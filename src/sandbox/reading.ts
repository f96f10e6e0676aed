/**
 * What a read needs to know besides its arguments: the rows it sees, who asks, and when.
 */
import type { Caller } from './caller.ts'
import type { PerUserValues } from './per-user.ts'
import type { View } from './row.ts'
import type { Sight } from './sight.ts'
import type { SiteSchema } from './site-schema.ts'
import type { SandboxSwitches } from './switches.ts'

export interface Reading {
  readonly view: View
  /** Where the names in links are looked up: `view`, or an older one. */
  readonly names: View
  readonly schema: SiteSchema
  readonly caller: Caller
  readonly sight: Sight
  readonly perUser: PerUserValues
  readonly nowMs: number
  /** The site's address, where files are served. */
  readonly siteUrl: string
  /** A signed address of a picture or file; another one on each call. */
  readonly sign: (path: string) => string
  readonly switches: SandboxSwitches
  /** Images are answered as signed addresses rather than plain paths. */
  readonly imageUrls: boolean
}
