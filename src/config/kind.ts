/**
 * A *kind* is the sort of value that a setting takes: what to say when a value is not one, how text from the
 * environment or a flag becomes one, and what stands for it in a help text.
 */
export interface Kind {
  /** Completes "... is not": `a duration such as "30s"`. */
  readonly expects: string
  /** The same for one item of a list or table. */
  readonly itemExpects?: string
  /** For help texts: `<duration>`. */
  readonly placeholder: string
  /** From the environment or a flag. What it cannot read it returns as it is, for the check to refuse. */
  readonly fromText: (text: string) => unknown
}

export function textKind(options: { readonly expects?: string }): Kind {
  return { expects: options.expects ?? 'a text', placeholder: 'text', fromText: asIs }
}

export function choiceKind(values: readonly string[], expects?: string): Kind {
  const listed = values.map((value) => `"${value}"`).join(' or ')
  return { expects: expects ?? listed, placeholder: values.join('|'), fromText: asIs }
}

export function secretKind({ minBytes = 1, expects }: { minBytes?: number; expects?: string }): Kind {
  const said = expects ?? (minBytes > 1 ? `a secret of at least ${minBytes} bytes` : 'a text')
  return { expects: said, placeholder: 'secret', fromText: asIs }
}

export function asIs(given: string): unknown {
  return given
}

export function asNumber(given: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(given.trim()) ? Number(given) : given
}

export function asBoolean(given: string): unknown {
  const word = given.trim().toLowerCase()
  return ['true', '1', 'yes', 'on'].includes(word) || (['false', '0', 'no', 'off'].includes(word) ? false : given)
}

export function asWords(given: string): unknown {
  return given
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

export function asTable(given: string): unknown {
  const pairs = given.split(',').map((pair) => pair.split('=').map((part) => part.trim()))
  return pairs.every((pair) => pair.length === 2) ? Object.fromEntries(pairs) : given
}
