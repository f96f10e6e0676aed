/** How `init` asks, and how it checks an answer that becomes a setting: as the configuration will. */
import { shown } from '../../config/problem.ts'
import { settingsOf } from '../../config/settings.ts'
import { SgcacheError } from '../../errors.ts'

/** Asks one thing each; a rejected promise means that the user does not want to go on. */
export interface Questions {
  text(message: string, example: string, problem: (text: string) => string | undefined): Promise<string>
  yesNo(message: string): Promise<boolean>
}

/** What is wrong with a text for a setting, as the configuration would say it. */
export function about(name: string): (text: string) => string | undefined {
  const setting = settingsOf([]).find((one) => one.name === name)
  if (!setting) throw new Error(`there is no setting ${name}`)
  return (text) =>
    setting.schema.safeParse(setting.kind.fromText(text)).success
      ? undefined
      : `${shown(text)} is not ${setting.kind.expects}`
}

export function checked(name: string, flag: string, text: string): string {
  const problem = about(name)(text)
  if (problem !== undefined) throw new SgcacheError('WRONG_USAGE', { reason: `${flag}: ${problem}` })
  return text
}

export function wordsOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}
