/** A Vitest reporter: the last line of a run in the plain form any CI can read, `N passed, N failed, N skipped`. */
import type { Reporter, TestModule } from 'vitest/node'

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors: ReadonlyArray<unknown>): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1
      // A file that cannot be loaded and a hook that fails leave their tests skipped: they count as one failure each.
      for (const part of [module, ...module.children.allSuites()]) if (part.errors().length > 0) count.failed += 1
    }
    const failed = count.failed + count.pending + errors.length
    process.stdout.write(`\n${count.passed} passed, ${failed} failed, ${count.skipped} skipped\n`)
  }
}
