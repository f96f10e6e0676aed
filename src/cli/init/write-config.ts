/**
 * The text of the two files that `init` writes, from the schema: pure.
 *
 * The configuration shows the settings that most people look for, each with its description; those that were not
 * answered stand there as comments with their defaults. `.env.example` names the secrets.
 */
import { stringify } from 'yaml'
import { sectionPurpose } from '../../config/schema.ts'
import { type Setting, settingsOf } from '../../config/settings.ts'

/** Answers by the name of the setting: `shotgrid.url`. */
export type Answers = ReadonlyMap<string, unknown>

const lineWidth = 100

export function configText(answers: Answers, schemaAddress: string): string {
  const sections = new Map<string, Setting[]>()
  for (const setting of settingsOf([])) {
    if (!isLookedFor(setting, answers)) continue
    const section = setting.path.length > 1 ? setting.path[0]! : ''
    sections.set(section, [...(sections.get(section) ?? []), setting])
  }
  const blocks = [...sections].map(([section, settings]) => sectionText(section, settings, answers))
  return `${[heading(schemaAddress), ...blocks].join('\n\n')}\n`
}

/** Besides those that have a flag, and the secrets. */
const lookedFor = new Set([
  ...['auth.mode', 'redis.host', 'redis.port', 'redis.username', 'redis.tls', 'redis.prefix'],
  ...['postgres.host', 'postgres.port', 'postgres.database', 'postgres.user', 'postgres.tls', 'postgres.schema'],
  'postgres.replicas',
])

function isLookedFor(setting: Setting, answers: Answers): boolean {
  if (!belongsTo(setting, answers.get('tier'))) return false
  return (
    setting.flag !== undefined || setting.secret === true || lookedFor.has(setting.name) || answers.has(setting.name)
  )
}

/** Settings of a tier are of no use in one below it. */
function belongsTo({ path }: Setting, tier: unknown): boolean {
  if (path[0] === 'redis') return tier !== 'memory'
  return path[0] !== 'postgres' || tier === 'postgres'
}

/** The passwords that a tier usually needs. */
const usualSecrets: Readonly<Record<string, readonly string[]>> = {
  redis: ['redis.password'],
  postgres: ['redis.password', 'postgres.password'],
}

/** Every secret, commented, and the customary variables; of one tier only, if it is named. */
export function envExampleText(tier?: string): string {
  const usual = usualSecrets[tier ?? ''] ?? []
  const shown = settingsOf([]).filter(
    (setting) => (setting.secret || setting.env !== undefined) && (tier === undefined || belongsTo(setting, tier)),
  )
  const blocks = shown.map((setting) => {
    const name = setting.envNames[0]!
    const also = setting.secret
      ? `# Or the path of a file that holds it: ${name}_FILE=`
      : `# Set it here or in the configuration file; this comes first.`
    const isWanted = (setting.secret && setting.required) || usual.includes(setting.name)
    return [...comment(setting.description), also, `${isWanted ? '' : '# '}${name}=`].join('\n')
  })
  return `${['# Copy this file to .env and fill it in. Keep .env to yourself: it holds secrets.', ...blocks].join('\n\n')}\n`
}

function heading(schemaAddress: string): string {
  return [
    `# yaml-language-server: $schema=${schemaAddress}`,
    '# The configuration of sgcache. All settings: sgcache config show, and docs/configuration.md.',
  ].join('\n')
}

function sectionText(section: string, settings: readonly Setting[], answers: Answers): string {
  const indent = section === '' ? '' : '  '
  const lines = settings.flatMap((setting) => settingLines(setting, answers).map((line) => `${indent}${line}`))
  if (section === '') return lines.join('\n')
  // A section of comments only would be empty, which YAML reads as null: that is allowed, and says nothing.
  return [...comment(sectionPurpose[section] ?? ''), `${section}:`, ...lines].join('\n')
}

function settingLines(setting: Setting, answers: Answers): readonly string[] {
  const key = setting.path.at(-1)!
  const description = comment(setting.description)
  if (setting.secret) {
    const note = `# It is a secret and does not stand here: set ${setting.envNames[0]} in .env or the environment.`
    return [...description, note]
  }
  const answer = answers.get(setting.name)
  if (answer !== undefined) return [...description, `${key}: ${valueText(answer)}`]
  return [...description, `# ${key}: ${setting.fallback === undefined ? '' : valueText(setting.fallback)}`.trimEnd()]
}

function valueText(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', version: '1.1', lineWidth: 0 }).trimEnd()
}

function comment(text: string): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < lineWidth) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`# ${word}`)
  }
  return lines
}
