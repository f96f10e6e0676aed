/** The answers `init` works with: from its options, and from asking for what they leave open. */

import { shown } from '../../config/problem.ts'
import { settingsOf } from '../../config/settings.ts'
import { SgcacheError } from '../../errors.ts'
import { about, checked, type Questions, wordsOf } from './questions.ts'
import { type Needs, type Recommendation, recommendTier } from './recommend.ts'
import { askTier, type TierAnswers, type TierOptions, tierAnswersOf } from './tier-answers.ts'

export interface InitOptions extends TierOptions {
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
  readonly recommendation: Recommendation
  readonly tier: TierAnswers
}

const fewPeople = '20'

/** Answers without a question; what cannot be guessed must be in the options. */
export function answersOf(options: InitOptions): InitAnswers {
  const missing = (['url', 'script'] as const).filter((name) => options[name] === undefined)
  if (missing.length > 0) {
    const flags = missing.map((name) => `--${name}`).join(' and ')
    throw new SgcacheError('WRONG_USAGE', { reason: `init needs ${flags} when it cannot ask` })
  }
  const recommendation = recommendTier(needsOf(options))
  return {
    url: checked('shotgrid.url', '--url', options.url ?? ''),
    script: checked('shotgrid.script', '--script', options.script ?? ''),
    warm: wordsOf(checked('warm.types', '--warm', options.warm ?? defaultWarm())),
    recommendation,
    tier: tierAnswersOf(options, recommendation.tier),
  }
}

function needsOf({ people = fewPeople, availability = false, durability = false, audit = false }: InitOptions): Needs {
  return { people: peopleOf(people), availability, durability, audit }
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
  const needs = { people, availability, durability, audit }
  const tier = await askTier(options, recommendTier(needsOf(needs)), questions)
  const warm =
    options.warm ?? (await text('Entity types to read before anybody asks', defaultWarm(), about('warm.types')))
  return answersOf({ ...options, ...needs, ...tier, url, script, warm })
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
