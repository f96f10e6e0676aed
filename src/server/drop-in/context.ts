/** Headers that decide, beside the credentials, what the site answers: the language, and a proxy before the site. */
import type { IncomingHttpHeaders } from 'node:http'

export type ContextHeaders = Readonly<Partial<Record<'locale' | 'authorization', string>>>

export function contextOf({ locale, authorization }: IncomingHttpHeaders): ContextHeaders {
  return {
    ...(locale !== undefined && { locale: String(locale) }),
    ...(authorization !== undefined && { authorization }),
  }
}

/** Most requests have none of them. */
export function hasContext({ locale, authorization }: IncomingHttpHeaders | ContextHeaders): boolean {
  return locale !== undefined || authorization !== undefined
}
