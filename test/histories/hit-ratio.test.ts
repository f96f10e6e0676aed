import { expect, it } from 'vitest'
import { measureRatios } from './hit-ratio.ts'

const percent = (share: number) => `${(100 * share).toFixed(1)}%`

it.each([
  ['a site whose reads never lag', 0],
  ['a site whose reads may lag by a second', 1000],
])(
  'keeps, in a busy studio with %s, nearly all that an oracle keeps, and drops little else',
  async (site, settleMs) => {
    const ratios = await measureRatios({ seed: 7, seconds: 300, readsPerSecond: 30, writesPerSecond: 3, settleMs })
    process.stdout.write(
      `${site}: hits ${percent(ratios.ours)}, type-wide flush ${percent(ratios.typeWide)}, oracle ${percent(ratios.oracle)}; ` +
        `of ${ratios.dropped} dropped, ${percent(ratios.precision)} had changed\n`,
    )
    expect(ratios.typeWide).toBeLessThanOrEqual(ratios.oracle / 2)
    expect(ratios.ours).toBeGreaterThanOrEqual(0.9 * ratios.oracle)
    expect(ratios.precision).toBeGreaterThanOrEqual(0.7)
  },
)
