/** Who follows what. Follows are no rows: no event and no `updated_at` tells of them. */
import { type Ref, refKey, sameRef } from './row.ts'

export class Follows {
  readonly #follows = new Map<string, { readonly user: Ref; readonly entity: Ref }>()

  follow(user: Ref, entity: Ref): void {
    this.#follows.set(`${refKey(user)} ${refKey(entity)}`, { user, entity })
  }

  unfollow(user: Ref, entity: Ref): void {
    this.#follows.delete(`${refKey(user)} ${refKey(entity)}`)
  }

  followersOf(entity: Ref): readonly Ref[] {
    return [...this.#follows.values()].filter((follow) => sameRef(follow.entity, entity)).map((follow) => follow.user)
  }

  followedBy(user: Ref): readonly Ref[] {
    return [...this.#follows.values()].filter((follow) => sameRef(follow.user, user)).map((follow) => follow.entity)
  }
}
