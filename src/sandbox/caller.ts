/** Who makes a call, once their credentials have been verified. */
import type { Ref, View } from './row.ts'
import type { Sight } from './sight.ts'

export interface Caller {
  /** Who the caller acts as: with `sudo_as_login`, that person. */
  readonly user: Ref
  readonly userName: string
  /** Who the credentials belong to, when acting as somebody else. */
  readonly sudoActual?: Ref & { readonly name: string }
  /** The caller's writes leave no events. */
  readonly silent: boolean
  readonly sessionUuid: string | null
  /** May act as other people and see what administrators see. */
  readonly isAdmin: boolean
  /** What the caller sees in `view`; depends on rows (memberships, assignments) and so on the view. */
  sight(view: View): Sight
}
