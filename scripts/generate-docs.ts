/** `npm run docs`: writes every page that is made from the program. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { generatedPages } from './docs/pages.ts'

for (const [path, text] of generatedPages()) {
  writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), text)
  console.log(path)
}
