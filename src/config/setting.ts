/**
 * What a setting is made of. Each is written once, in `sections/`, with one of the functions below; its TypeScript
 * type, its checks, its environment names, its flag, its documentation and its place in the JSON Schema come from there.
 */
import { z } from 'zod'
import { asBoolean, asIs, asNumber, asTable, asWords, choiceKind, type Kind, secretKind, textKind } from './kind.ts'
import { type Bytes, durationPattern, type Milliseconds, parseDuration, parseSize, sizePattern } from './units.ts'

export interface SettingOptions {
  /** Environment names besides the derived one, the customary first. */
  readonly env?: readonly string[]
  /** A flag of its own for `serve`, without the dashes. Every setting can be given by `--set` as well. */
  readonly flag?: string
  /** Shown in the documentation instead of a default that is `undefined`. */
  readonly whenUnset?: string
}

export interface SettingMeta extends SettingOptions {
  readonly kind: Kind
  readonly description: string
  /** As written in a file; `undefined` when there is none. */
  readonly fallback: unknown
  /** Never in a file, never in a flag, never shown. */
  readonly secret?: boolean
  /** Without it the configuration is not complete. */
  readonly required?: boolean
}

/** Where a schema's own description of itself is kept, beside the schema rather than in it. */
export const settingMeta = z.registry<SettingMeta>()

interface Range {
  readonly min?: string
  readonly max?: string
}

export function duration(fallback: string, description: string, options: SettingOptions & Range = {}) {
  const min = options.min === undefined ? 0 : parseDuration(options.min)!
  const max = options.max === undefined ? Number.MAX_SAFE_INTEGER : parseDuration(options.max)!
  const kind = {
    expects: `a duration${within(options)} such as "${fallback}"`,
    placeholder: 'duration',
    fromText: asIs,
  }
  const schema = z
    .string()
    .regex(new RegExp(durationPattern))
    .transform((text, context) => {
      const ms: Milliseconds = parseDuration(text)!
      if (ms < min || ms > max) context.addIssue({ code: 'custom', message: 'out of range' })
      return ms
    })
  return described(schema.prefault(fallback), { ...options, kind, description, fallback })
}

export function size(fallback: string, description: string, options: SettingOptions & Range = {}) {
  const min = options.min === undefined ? 1 : parseSize(options.min)!
  const max = options.max === undefined ? Number.MAX_SAFE_INTEGER : parseSize(options.max)!
  const kind = { expects: `a size${within(options)} such as "${fallback}"`, placeholder: 'size', fromText: asIs }
  const schema = z
    .string()
    .regex(new RegExp(sizePattern, 'i'))
    .transform((text, context) => {
      const bytes: Bytes = parseSize(text)!
      if (bytes < min || bytes > max) context.addIssue({ code: 'custom', message: 'out of range' })
      return bytes
    })
  return described(schema.prefault(fallback), { ...options, kind, description, fallback })
}

interface Bounds {
  readonly min: number
  readonly max: number
}

/** A whole number. */
export function count(fallback: number, description: string, options: SettingOptions & Bounds) {
  const meta = { ...options, kind: countKind(options), description, fallback }
  return described(countSchema(options).prefault(fallback), meta)
}

/** A whole number that may be left open. */
export function optionalCount(description: string, options: SettingOptions & Bounds) {
  const meta = { ...options, kind: countKind(options), description, fallback: undefined }
  return described(countSchema(options).optional(), meta)
}

/** A part of a whole, 0 to 1. */
export function share(fallback: number, description: string, options: SettingOptions = {}) {
  const kind = { expects: 'a number from 0 to 1', placeholder: 'share', fromText: asNumber }
  return described(z.number().min(0).max(1).prefault(fallback), { ...options, kind, description, fallback })
}

export function toggle(fallback: boolean, description: string, options: SettingOptions = {}) {
  const kind = { expects: 'true or false', placeholder: 'true|false', fromText: asBoolean }
  return described(z.boolean().prefault(fallback), { ...options, kind, description, fallback })
}

export function choice<const T extends readonly [string, ...string[]]>(
  values: T,
  fallback: T[number],
  description: string,
  options: SettingOptions & { readonly expects?: string } = {},
) {
  const kind = choiceKind(values, options.expects)
  return described(z.enum(values).prefault(fallback), { ...options, kind, description, fallback })
}

/** A choice that may be left open. */
export function optionalChoice<const T extends readonly [string, ...string[]]>(
  values: T,
  description: string,
  options: SettingOptions & { readonly expects?: string } = {},
) {
  const kind = choiceKind(values, options.expects)
  return described(z.enum(values).optional(), { ...options, kind, description, fallback: undefined })
}

interface TextOptions extends SettingOptions {
  readonly expects?: string
  readonly itemExpects?: string
  readonly pattern?: RegExp
  /** Brings a valid text into its one form. */
  readonly tidy?: (text: string) => string
}

export function text(fallback: string, description: string, options: TextOptions = {}) {
  return described(textSchema(options).prefault(fallback), {
    ...options,
    kind: textKind(options),
    description,
    fallback,
  })
}

export function optionalText(description: string, options: TextOptions = {}) {
  const meta = { ...options, kind: textKind(options), description, fallback: undefined }
  return described(textSchema(options).optional(), meta)
}

export function requiredText(description: string, options: TextOptions = {}) {
  const meta = { ...options, kind: textKind(options), description, fallback: undefined, required: true }
  return described(textSchema(options), meta)
}

interface SecretOptions extends SettingOptions {
  readonly minBytes?: number
  readonly expects?: string
  readonly isValid?: (text: string) => boolean
}

export function secret(description: string, options: SecretOptions = {}) {
  return described(secretSchema(options), {
    ...options,
    kind: secretKind(options),
    description,
    fallback: undefined,
    secret: true,
    required: true,
  })
}

export function optionalSecret(description: string, options: SecretOptions = {}) {
  return described(secretSchema(options).optional(), {
    ...options,
    kind: secretKind(options),
    description,
    fallback: undefined,
    secret: true,
  })
}

/** A list of words; in the environment and in flags separated by commas. */
export function words(fallback: readonly string[], description: string, options: TextOptions = {}) {
  const kind: Kind = {
    expects: options.expects ?? 'a list of words',
    itemExpects: options.itemExpects ?? 'a word',
    placeholder: 'a,b',
    fromText: asWords,
  }
  const schema = z.array(textSchema(options)).prefault([...fallback])
  return described(schema, { ...options, kind, description, fallback })
}

/** Durations by name; in the environment and in flags `Task=5m,Shot=1h`. */
export function durations(description: string, options: TextOptions = {}) {
  const kind: Kind = {
    expects: options.expects ?? 'durations by name',
    itemExpects: 'a duration such as "5m"',
    placeholder: 'name=duration,…',
    fromText: asTable,
  }
  const value = z
    .string()
    .regex(new RegExp(durationPattern))
    .transform((text): Milliseconds => parseDuration(text)!)
  const schema = z.record(textSchema(options), value).prefault({})
  return described(schema, { ...options, kind, description, fallback: {} })
}

function described<S extends z.ZodType>(schema: S, meta: SettingMeta): S {
  const withText = schema.describe(meta.description)
  settingMeta.add(withText, meta)
  return withText
}

function within({ min, max }: Range): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`
  if (min !== undefined) return ` of at least ${min}`
  return max === undefined ? '' : ` of at most ${max}`
}

function countKind({ min, max }: Bounds): Kind {
  return { expects: `a whole number from ${min} to ${max}`, placeholder: 'number', fromText: asNumber }
}

function countSchema({ min, max }: Bounds) {
  return z.number().int().min(min).max(max)
}

function textSchema(options: TextOptions) {
  const schema = z.string().regex(options.pattern ?? /./)
  return schema.transform(options.tidy ?? ((text) => text))
}

function secretSchema({ minBytes = 1, isValid = () => true }: SecretOptions) {
  return z.string().refine((value) => Buffer.byteLength(value) >= minBytes && isValid(value))
}
