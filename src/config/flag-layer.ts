/** Settings from the command line: those with a flag of their own, and any by `--set name=value`. Never a secret. */
import { didYouMean } from '../suggest.ts'
import type { Given, Layer } from './layer.ts'
import type { Problem } from './problem.ts'
import type { Setting } from './settings.ts'

export interface FlagValue {
  /** `server.port` */
  readonly setting: string
  readonly text: string
  /** `--port`, `--set server.port` */
  readonly place: string
}

export function flagLayer(settings: readonly Setting[], flags: readonly FlagValue[]): Layer {
  const given = new Map<string, Given>()
  const problems: Problem[] = []
  const byName = new Map(settings.map((setting) => [setting.name, setting]))
  for (const { setting: name, text, place } of flags) {
    const setting = byName.get(name)
    if (!setting) {
      problems.push({ place, message: `there is no setting ${name}${didYouMean(name, byName.keys())}.` })
    } else if (setting.secret) {
      const message = `${name} is a secret, and other users can see the command line: put it in ${setting.envNames[0]}.`
      problems.push({ place, message })
    } else {
      given.set(name, { value: setting.kind.fromText(text), layer: 'flag', place })
    }
  }
  return { given, problems }
}
