/** The answers `init` works with: from its options, and from asking for what they leave open. */

import { shown } from '../../config/problem.ts'
import { settingsOf } from '../../config/settings.ts'
import { SgcacheError } from '../../errors.ts'
import type { Needs } from './recommend.ts'

export interface InitOptions {
  readonly url?: string
  readonly script?: string
  readonly warm?: string
  readonly people?: string
  readonly availability?: boolean
  readonly durability?: boolean
  readonly audit?: boolean
  readonly yes?: boolean
  readonly force?: boolean
  readonly dir?: string
}

export interface InitAnswers {
  readonly url: string
  readonly script: string
  readonly warm: readonly string[]
  readonly needs: Needs
}

/** Asks one thing each; a rejected promise means that the user does not want to go on. */
export interface Questions {
  text(message: string, example: string, problem: (text: string) => string | undefined): Promise<string>
  yesNo(message: string): Promise<boolean>
}

const fewPeople = '20'

/** Answers without a question; what cannot be guessed must be in the options. */
export function answersOf(options: InitOptions): InitAnswers {
  const missing = (['url', 'script'] as const).filter((name) => options[name] === undefined)
  if (missing.length > 0) {
    const flags = missing.map((name) => `--${name}`).join(' and ')
    throw new SgcacheError('WRONG_USAGE', { reason: `init needs ${flags} when it cannot ask` })
  }
  return {
    url: checked('shotgrid.url', '--url', options.url ?? ''),
    script: checked('shotgrid.script', '--script', options.script ?? ''),
    warm: wordsOf(checked('warm.types', '--warm', options.warm ?? defaultWarm())),
    needs: {
      people: peopleOf(options.people ?? fewPeople),
      availability: options.availability ?? false,
      durability: options.durability ?? false,
      audit: options.audit ?? false,
    },
  }
}

/** Asks for everything that the options leave open. */
export async function askAnswers(options: InitOptions, questions: Questions): Promise<InitAnswers> {
  const { text, yesNo } = questions
  const url =
    options.url ??
    (await text('Address of your ShotGrid site', 'https://studio.shotgrid.autodesk.com', about('shotgrid.url')))
  const script =
    options.script ?? (await text('Name of the script (API user) to ask with', 'sgcache', about('shotgrid.script')))
  const people = options.people ?? (await text('How many people work with ShotGrid?', fewPeople, aboutPeople))
  const availability =
    options.availability ?? (await yesNo('Must it go on answering while one instance is down or being updated?'))
  const durability = options.durability ?? (await yesNo('Must what is cached survive a restart?'))
  const audit = options.audit ?? (await yesNo('Do you need a lasting history of changes (audit)?'))
  const warm =
    options.warm ?? (await text('Entity types to read before anybody asks', defaultWarm(), about('warm.types')))
  return answersOf({ ...options, url, script, warm, people, availability, durability, audit })
}

/** What is wrong with a text for a setting, as the configuration would say it. */
function about(name: string): (text: string) => string | undefined {
  const setting = settingsOf([]).find((one) => one.name === name)
  if (!setting) throw new Error(`there is no setting ${name}`)
  return (text) =>
    setting.schema.safeParse(setting.kind.fromText(text)).success
      ? undefined
      : `${shown(text)} is not ${setting.kind.expects}`
}

function checked(name: string, flag: string, text: string): string {
  const problem = about(name)(text)
  if (problem !== undefined) throw new SgcacheError('WRONG_USAGE', { reason: `${flag}: ${problem}` })
  return text
}

function aboutPeople(text: string): string | undefined {
  return /^[1-9]\d{0,5}$/.test(text.trim()) ? undefined : `${shown(text)} is not a number of people`
}

function peopleOf(text: string): number {
  const problem = aboutPeople(text)
  if (problem !== undefined) throw new SgcacheError('WRONG_USAGE', { reason: `--people: ${problem}` })
  return Number(text)
}

function defaultWarm(): string {
  const setting = settingsOf([]).find(({ name }) => name === 'warm.types')
  return Array.isArray(setting?.fallback) ? setting.fallback.join(', ') : ''
}

function wordsOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}
