/**
 * Rows that come and go with another one, as far as is known of the site.
 *
 * Whether such rows get events of their own is confirmed by no source, so their coming and going is taken as said by
 * the one event there certainly is. Links to the row itself are no matter of this: whoever shows or filters by a
 * link depends on the row it leads to.
 */

/** Types whose rows may be retired or revived together with a row of `type`; `*`: any type. */
export function cascadesOf(type: string): readonly string[] {
  return cascades[type] ?? []
}

/** The type whose rows are retired when they leave the list `field` of `type`. */
export function retiredByLeaving(type: string, field: string): string | undefined {
  return type === 'Note' && field === 'replies' ? 'Reply' : undefined
}

/**
 * The list that rows of `type` stand in and leave by being retired. The site may do that in an edit of the list's row,
 * which moves the row's `updated_at` and leaves no event of its own.
 */
export function listLeftBy(type: string): { readonly type: string; readonly field: string } | undefined {
  return type === 'Reply' ? { type: 'Note', field: 'replies' } : undefined
}

const cascades: Readonly<Record<string, readonly string[]>> = {
  Project: ['*'],
  Shot: ['Version'],
  Asset: ['Version'],
  Sequence: ['Version'],
  Task: ['TaskDependency'],
  Note: ['Reply'],
}
