import { ATTR } from '../../contract/attributes.ts'
import { KNOWN_KEYS, type Known, type KnownKey } from '../../collector/signal.ts'

const KEYS: readonly KnownKey[] = [...KNOWN_KEYS, ATTR.scope]

/**
 * `… having session.id=s1 and n8n.execution.reconstructed=true`: what a sentence says, and the attributes it gives.
 * @throws Error when the collector does not read such an attribute: the scenario would play something else.
 */
export function cutAttributes(sentence: string): { readonly said: string; readonly attributes: Known } {
  const [said = '', list] = sentence.split(' having ')
  const attributes: { [key in KnownKey]?: string | boolean } = {}
  for (const each of list?.split(' and ') ?? []) {
    const [name = '', value = ''] = each.split('=')
    const key = KEYS.find((known) => known === name)
    if (key === undefined) throw new Error(`the collector reads no attribute ${name}`)
    attributes[key] = value === 'true' ? true : value
  }
  return { said, attributes }
}
