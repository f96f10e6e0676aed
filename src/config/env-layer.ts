/**
 * Settings from the environment, or from a `.env` file, which has the same names.
 *
 * Every setting has its derived name (`SGCACHE_EVENTS_POLL`), some a customary one (`SG_URL`), and every secret can be
 * given as `<NAME>_FILE`, the path of a file that holds it. An empty variable counts as not set. Two names for one
 * setting that say different things are refused: whichever won, somebody would be surprised.
 */
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { didYouMean } from '../suggest.ts'
import { type Given, type Layer, type LayerName, type ReadFile, readSecretFile } from './layer.ts'
import type { Problem } from './problem.ts'
import type { Setting } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface EnvSource {
  readonly layer: Extract<LayerName, 'environment' | '.env'>
  readonly variables: Environment
  readonly placeOf: (variable: string) => string
  /** What `*_FILE` paths are relative to. */
  readonly folder: string
  readonly readFile: ReadFile
}

/** Variables that belong to the program rather than to a setting. */
const otherVariables = ['SGCACHE_DEBUG', 'SGCACHE_CONFIG']

export function dotenvSource(file: { path: string; text: string }, folder: string, readFile: ReadFile): EnvSource {
  const lines = file.text.split(/\r?\n/)
  const placeOf = (variable: string) => {
    const line = lines.findLastIndex((text) => new RegExp(`^\\s*(export\\s+)?${variable}\\s*=`).test(text))
    return line < 0 ? `${file.path} (${variable})` : `${file.path}:${line + 1} (${variable})`
  }
  return { layer: '.env', variables: parseEnv(file.text), placeOf, folder, readFile }
}

export function envLayer(settings: readonly Setting[], source: EnvSource): Layer {
  const given = new Map<string, Given>()
  const problems: Problem[] = [...unknownVariables(settings, source)]
  for (const setting of settings) {
    const found = setting.envNames.flatMap((name) => [...variablesOf(setting, name, source)])
    const clash = clashOf(found)
    if (clash) problems.push({ place: source.placeOf(found[0]!.variable), message: `${setting.name}: ${clash}` })
    const first = clash ? undefined : found[0]
    if (!first) continue
    const place = source.placeOf(first.variable)
    const value = first.isFile ? readSecretFile(source.readFile, resolve(source.folder, first.text)) : first.text
    if (typeof value === 'string') {
      given.set(setting.name, {
        value: setting.secret ? value : setting.kind.fromText(value),
        layer: source.layer,
        place,
      })
    } else {
      problems.push({ place, message: `cannot read the file ${first.text} (${value.failed}).` })
    }
  }
  return { given, problems }
}

interface Variable {
  readonly variable: string
  readonly text: string
  readonly isFile: boolean
}

function* variablesOf(setting: Setting, name: string, source: EnvSource): Generator<Variable> {
  const text = source.variables[name]
  if (text && !(name.endsWith('_PORT') && isServiceAddress(text))) yield { variable: name, text, isFile: false }
  if (!setting.secret) return
  const path = source.variables[`${name}_FILE`] || credentialPath(name, source)
  if (path) yield { variable: `${name}_FILE`, text: path, isFile: true }
}

/** systemd's `LoadCredential=SG_KEY:...` puts the secret in a file of that name in a folder it tells us. */
function credentialPath(name: string, source: EnvSource): string | undefined {
  const folder = source.layer === 'environment' ? source.variables.CREDENTIALS_DIRECTORY : undefined
  if (!folder) return undefined
  const path = join(folder, name)
  return typeof readSecretFile(source.readFile, path) === 'string' ? path : undefined
}

function clashOf(found: readonly Variable[]): string | undefined {
  const [first, ...others] = found
  const other = others.find(({ text, isFile }) => isFile !== first!.isFile || text !== first!.text)
  return other && `${first!.variable} and ${other.variable} are both set; keep one of them.`
}

function unknownVariables(settings: readonly Setting[], source: EnvSource): readonly Problem[] {
  const names = settings.flatMap(({ envNames, secret }) =>
    envNames.flatMap((name) => (secret ? [name, `${name}_FILE`] : [name])),
  )
  const known = new Set([...names, ...otherVariables])
  return Object.entries(source.variables).flatMap(([variable, text]) => {
    if (!variable.startsWith('SGCACHE_') || known.has(variable) || isServiceLink(variable, text ?? '')) return []
    const message = `there is no setting of this name${didYouMean(variable, known)}.`
    return [{ place: source.placeOf(variable), message }]
  })
}

/** Kubernetes sets such variables in every pod beside a Service whose name begins with "sgcache". */
function isServiceLink(variable: string, text: string): boolean {
  return /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP)(_|$)/.test(variable) || isServiceAddress(text)
}

/** Beside a Service called "redis" it sets REDIS_PORT to such an address. Nobody meant a setting by that. */
function isServiceAddress(text: string): boolean {
  return /^(tcp|udp):\/\//.test(text)
}
