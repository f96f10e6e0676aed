/**
 * The options by which settings are given on the command line: `--config`, `--set`, and the flags that some settings
 * have of their own. All of them come from the schema; none has a default, so that what is not given is not given.
 */
import { type Command, Option } from 'commander'
import type { FlagValue } from '../config/flag-layer.ts'
import type { LoadOptions } from '../config/load.ts'
import { type Setting, settingsOf } from '../config/settings.ts'
import { SgcacheError } from '../errors.ts'
import type { Io } from './io.ts'

export interface ConfigOptions {
  readonly config?: string
  readonly set?: readonly FlagValue[]
  readonly [flag: string]: unknown
}

/** `without`: settings that mean nothing to the command, whose flags it does not get. */
export function addConfigOptions(command: Command, without: readonly string[] = []): Command {
  command.addOption(new Option('-c, --config <file>', 'the configuration file, instead of looking for one'))
  for (const { setting, option } of settingFlags()) {
    if (!without.includes(setting.name)) command.addOption(option)
  }
  return command.addOption(
    new Option('--set <name=value>', 'any setting by its name, such as cache.grace=1h; may be repeated').argParser(
      (text: string, before: readonly FlagValue[] = []) => [...before, assignment(text)],
    ),
  )
}

/** What `loadConfig` needs, from the options that were given. */
export function loadOptions(options: ConfigOptions, io: Io): LoadOptions {
  const own = settingFlags().flatMap(({ setting, option }): FlagValue[] => {
    const text = options[option.attributeName()]
    return typeof text === 'string' ? [{ setting: setting.name, text, place: option.long ?? setting.name }] : []
  })
  return {
    flags: [...(options.set ?? []), ...own],
    env: io.env,
    cwd: io.cwd,
    ...(options.config !== undefined && { file: options.config }),
  }
}

interface SettingFlag {
  readonly setting: Setting
  readonly option: Option
}

function settingFlags(): readonly SettingFlag[] {
  return settingsOf([]).flatMap((setting) => {
    if (setting.flag === undefined) return []
    const text = setting.description.replace(/\.$/, '')
    const description = `${text.charAt(0).toLowerCase()}${text.slice(1)} [${setting.name}]`
    return [{ setting, option: new Option(`--${setting.flag} <${setting.kind.placeholder}>`, description) }]
  })
}

/** Never repeats what it was given: it may be a secret that does not belong here. */
function assignment(text: string): FlagValue {
  const at = text.indexOf('=')
  if (at <= 0)
    throw new SgcacheError('WRONG_USAGE', { reason: '--set takes a name and a value, such as cache.grace=1h' })
  const setting = text.slice(0, at).trim()
  return { setting, text: text.slice(at + 1), place: `--set ${setting}` }
}
