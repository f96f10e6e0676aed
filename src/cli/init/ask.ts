/** Asks on the terminal. Talk goes to stderr, as everything that is not data. */
import { confirm, isCancel, text } from '@clack/prompts'
import { SgcacheError } from '../../errors.ts'
import type { Questions } from './questions.ts'

export const terminalQuestions: Questions = {
  text: async (message, example, problem) => {
    const validate = (given: string | undefined) => problem(given || example)
    return answered(
      await text({ message, placeholder: example, defaultValue: example, validate, output: process.stderr }),
    )
  },
  yesNo: async (message) => answered(await confirm({ message, initialValue: false, output: process.stderr })),
}

function answered<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new SgcacheError('WRONG_USAGE', { reason: 'Stopped; nothing was written' })
  return answer as Exclude<T, symbol> // the sign of cancelling is the only symbol
}
