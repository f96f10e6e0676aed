/** A module of the build, with the type of its source: what is measured is what is shipped. */
export async function built<Module>(path: string): Promise<Module> {
  const dist = process.env.BENCH_DIST ?? '../dist'
  return (await import(new URL(`${dist}/${path}`, import.meta.url).href)) as Module // built from that source
}
