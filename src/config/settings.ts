/**
 * The configuration as a flat list: every setting with its dotted name and all the ways to give it.
 *
 * Scopes are named by the operator, so the list is made for given names; the documentation asks for `<name>`.
 */
import type { z } from 'zod'
import { configSchema } from './schema.ts'
import { scope } from './sections/shotgrid.ts'
import { type SettingMeta, settingMeta } from './setting.ts'

export interface Setting extends SettingMeta {
  readonly path: readonly string[]
  /** `events.poll` */
  readonly name: string
  /** All names that work, the customary one first: `SG_URL`, `SGCACHE_SHOTGRID_URL`. */
  readonly envNames: readonly string[]
  readonly schema: z.ZodType
}

export function settingsOf(scopeNames: readonly string[]): readonly Setting[] {
  return Object.entries(configSchema.shape).flatMap(([key, schema]) => {
    if (key === 'scopes') return scopeNames.flatMap((name) => sectionSettings(['scopes', name], scope.shape))
    return 'shape' in schema ? sectionSettings([key], schema.shape) : [settingAt([key], schema)]
  })
}

function sectionSettings(path: readonly string[], shape: Readonly<Record<string, z.ZodType>>): Setting[] {
  return Object.entries(shape).map(([key, schema]) => settingAt([...path, key], schema))
}

function settingAt(path: readonly string[], schema: z.ZodType): Setting {
  const meta = settingMeta.get(schema)
  if (!meta) throw new Error(`the setting ${path.join('.')} is not described`)
  const derived = `SGCACHE_${path.join('_').replaceAll('-', '_').toUpperCase()}`
  return { ...meta, path, name: path.join('.'), envNames: [...(meta.env ?? []), derived], schema }
}

/** A secret is never written in a file; the path of the file that holds it may be. */
export function fileKeyOf(setting: Setting): string {
  const key = setting.path.at(-1)!
  return setting.secret ? `${key}_file` : key
}
