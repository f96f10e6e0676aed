/** Begins with the suites that take minutes, so that the others run beside them and not before them. */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Parts of their paths. */
const long = ['test/histories/', 'test/chaos/', 'histories.test', 'recall.test', 'random-reads.test']

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = long.findIndex((part) => moduleId.includes(part))
      return found < 0 ? long.length : found
    }
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}
