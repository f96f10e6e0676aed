/**
 * From all sources to one configuration: pure, given what was read.
 *
 * Precedence: flags > environment > `.env` > file > defaults. Every problem of every source is collected; a setting
 * with a problem is told once, at the place that gave it.
 */
import { rules } from './checks.ts'
import { dotenvSource, type Environment, envLayer } from './env-layer.ts'
import { type ConfigFile, fileLayer, readConfigFile, scopeNamesOf } from './file-layer.ts'
import { type FlagValue, flagLayer } from './flag-layer.ts'
import type { Given, Layer, ReadFile } from './layer.ts'
import { type Problem, shown } from './problem.ts'
import { type Config, configSchema, defaultScope } from './schema.ts'
import { type Setting, settingsOf } from './settings.ts'

export interface Sources {
  readonly flags: readonly FlagValue[]
  readonly env: Environment
  readonly dotenv?: { readonly path: string; readonly text: string }
  readonly file?: ConfigFile
  /** Values above everything else: `serve --sandbox` points to the site it started. */
  readonly overrides?: Readonly<Record<string, unknown>>
  readonly cwd: string
  readonly readFile: ReadFile
}

/** One setting as it came out: from where, and what was written there. */
export interface Resolved {
  readonly setting: Setting
  readonly given: Given
}

export interface Resolution {
  /** Absent when there are problems. */
  readonly config?: Config
  readonly problems: readonly Problem[]
  readonly resolved: readonly Resolved[]
  /** The values that are valid by themselves, as in a `Config`, by setting. */
  readonly values: ReadonlyMap<string, unknown>
}

export function resolveConfig(sources: Sources): Resolution {
  const file = sources.file && readConfigFile(sources.file)
  const scopeNames = file ? scopeNamesOf(file.tree) : []
  const settings = settingsOf(scopeNames.filter(isScopeName))
  const { cwd, readFile } = sources
  const layers: Layer[] = [
    overrideLayer(sources.overrides ?? {}),
    flagLayer(settings, sources.flags),
    envLayer(settings, {
      layer: 'environment',
      variables: sources.env,
      placeOf: (variable) => variable,
      folder: cwd,
      readFile,
    }),
  ]
  if (sources.dotenv) layers.push(envLayer(settings, dotenvSource(sources.dotenv, cwd, readFile)))
  if (file) layers.push(fileLayer(file, settings, readFile))
  const resolved = settings.map((setting) => ({ setting, given: uppermost(setting, layers) }))
  const { values, problems: valueProblems } = valuesOf(resolved)
  const problems = [
    ...layers.flatMap((layer) => layer.problems),
    ...scopeNames.flatMap((name) => scopeNameProblem(name, file?.placeOf(['scopes', name]))),
    ...valueProblems,
    ...ruleProblems(values, resolved),
  ]
  return { ...(problems.length === 0 && { config: configOf(resolved) }), problems, resolved, values }
}

function overrideLayer(overrides: Readonly<Record<string, unknown>>): Layer {
  const given = Object.entries(overrides).map(([name, value]): [string, Given] => [
    name,
    { value, layer: 'sandbox', place: '--sandbox' },
  ])
  return { given: new Map(given), problems: [] }
}

function uppermost(setting: Setting, layers: readonly Layer[]): Given {
  const layer = layers.find(({ given }) => given.has(setting.name))
  return layer?.given.get(setting.name) ?? { value: setting.fallback, layer: 'default', place: 'default' }
}

interface Values {
  readonly values: ReadonlyMap<string, unknown>
  readonly problems: readonly Problem[]
}

function valuesOf(resolved: readonly Resolved[]): Values {
  const values = new Map<string, unknown>()
  const problems: Problem[] = []
  for (const one of resolved) {
    const parsed = one.setting.schema.safeParse(one.given.value)
    if (parsed.success) values.set(one.setting.name, parsed.data)
    else problems.push(...explain(one, parsed.error.issues))
  }
  return { values, problems }
}

function ruleProblems(values: ReadonlyMap<string, unknown>, resolved: readonly Resolved[]): readonly Problem[] {
  return rules.flatMap((rule) => {
    if (!rule.settings.every((name) => values.has(name))) return []
    // The rules' parameters are typed by hand in the order of their settings, which the type system cannot see.
    const message = rule.problem(...(rule.settings.map((name) => values.get(name)) as never[]))
    return message === undefined ? [] : [{ ...placeOfRule(rule.settings, resolved), message }]
  })
}

function explain(
  { setting, given }: Resolved,
  issues: readonly { readonly path: readonly PropertyKey[] }[],
): readonly Problem[] {
  const { name, kind } = setting
  if (given.value === undefined) return [missing(setting)]
  if (setting.secret) return [{ setting: name, place: given.place, message: `${name} must be ${kind.expects}.` }]
  const seen = new Map(issues.map((issue) => [issue.path.join('.'), issue.path]))
  return [...seen.values()].map((path) => {
    const value = shown(valueWithin(given.value, path))
    const place = path.length > 0 ? (given.placeWithin?.(path) ?? given.place) : given.place
    const expects = path.length > 0 ? (kind.itemExpects ?? kind.expects) : kind.expects
    return { setting: name, place, message: `${[name, ...path.map(String)].join('.')}: ${value} is not ${expects}.` }
  })
}

function missing(setting: Setting): Problem {
  const ways = setting.secret
    ? `${setting.envNames[0]} or ${setting.envNames[0]}_FILE (environment or .env)`
    : `${setting.envNames[0]}${setting.flag ? `, --${setting.flag}` : ''}, or ${setting.name} in sgcache.config.yaml`
  return { setting: setting.name, message: `${setting.name} is missing: set ${ways}.` }
}

function valueWithin(value: unknown, path: readonly PropertyKey[]): unknown {
  // The path comes from the check of this very value.
  return path.reduce((inner, key) => (inner as Readonly<Record<PropertyKey, unknown>>)[key], value)
}

/** Scope names stand in cache keys, tokens and names of variables. */
function isScopeName(name: string): boolean {
  return name !== defaultScope && /^[a-z][a-z0-9-]{0,62}$/.test(name)
}

function scopeNameProblem(name: string, place: string | undefined): readonly Problem[] {
  if (isScopeName(name)) return []
  const message =
    name === defaultScope
      ? `scopes.${name}: this scope is the script of the section shotgrid; set it there.`
      : `scopes: ${shown(name)} is not a name of small letters, digits and "-", beginning with a letter.`
  return [{ ...(place !== undefined && { place }), message }]
}

function placeOfRule(names: readonly string[], resolved: readonly Resolved[]): { place?: string } {
  const spoken = names.flatMap((name) => resolved.filter(({ setting }) => setting.name === name))
  const given = spoken.find(({ given }) => given.layer !== 'default')
  return given ? { place: given.given.place } : {}
}

function configOf(resolved: readonly Resolved[]): Config {
  const tree: Record<string, unknown> = Object.fromEntries(Object.keys(configSchema.shape).map((key) => [key, {}]))
  for (const { setting, given } of resolved) put(tree, setting.path, given.value)
  const config = configSchema.parse(tree)
  const { script, key, sees, scripts } = config.shotgrid
  return { ...config, scopes: { [defaultScope]: { script, key, sees, scripts }, ...config.scopes } }
}

function put(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path
  if (rest.length === 0) {
    if (value !== undefined) tree[key!] = value
    else delete tree[key!]
    return
  }
  const inner = (tree[key!] ?? {}) as Record<string, unknown> // built here, of tables only
  tree[key!] = inner
  put(inner, rest, value)
}
