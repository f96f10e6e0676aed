import { defineConfig } from 'vitest/config'
import LongestFirst from './test/support/longest-first.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    exclude: ['test/long/**', 'node_modules/**'],
    globalSetup: ['./test/support/servers/global-setup.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
  },
})
