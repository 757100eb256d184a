/** Arithmetic by a small recursive-descent parser; nothing is ever evaluated as code. */
import { z } from 'zod'
import { defineTool } from './tool.ts'

const input = z.object({ expression: z.string().max(200).describe('for example (2 + 3) * 4.5 ^ 2') })

export const calculator = defineTool({
  name: 'calculator',
  description: 'Works out an arithmetic expression with + - * / % ^ and brackets.',
  input,
  run: async ({ expression }) => ({ expression, value: calculate(expression) }),
})

/**
 * ```
 * sum     = product (('+' | '-') product)*
 * product = power (('*' | '/' | '%') power)*
 * power   = sign ('^' power)?                  right to left, as in mathematics
 * sign    = '-' sign | atom                    so -2 ^ 2 is 4: the sign belongs to the number
 * atom    = number | '(' sum ')'
 * ```
 * @throws SyntaxError naming the position (from 1); RangeError when the value is not finite
 */
export function calculate(expression: string): number {
  const tokens = tokenize(expression)
  let next = 0
  const value = sum()
  const rest = tokens[next]
  if (rest) throw new SyntaxError(`unexpected "${rest.text}" at ${rest.at}`)
  if (!Number.isFinite(value)) throw new RangeError(`${expression} has no finite value`)
  return value

  function sum(): number {
    let left = product()
    for (;;) {
      if (took('+')) left += product()
      else if (took('-')) left -= product()
      else return left
    }
  }

  function product(): number {
    let left = power()
    for (;;) {
      if (took('*')) left *= power()
      else if (took('/')) left /= power()
      else if (took('%')) left %= power()
      else return left
    }
  }

  function power(): number {
    const base = sign()
    return took('^') ? base ** power() : base
  }

  function sign(): number {
    return took('-') ? -sign() : atom()
  }

  function atom(): number {
    if (took('(')) {
      const inner = sum()
      if (!took(')')) throw new SyntaxError(`a bracket is not closed in ${expression}`)
      return inner
    }
    const token = tokens[next]
    if (!token) throw new SyntaxError(`${expression || 'the expression'} ends where a number should be`)
    const number = Number(token.text)
    if (Number.isNaN(number)) throw new SyntaxError(`expected a number, found "${token.text}" at ${token.at}`)
    next++
    return number
  }

  function took(text: string): boolean {
    if (tokens[next]?.text !== text) return false
    next++
    return true
  }
}

interface Token {
  readonly text: string
  /** Position of its first character, from 1. */
  readonly at: number
}

function tokenize(expression: string): Token[] {
  const tokens: Token[] = []
  for (const match of expression.matchAll(/(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+|[-+*/%^()])|(\s+)|(.)/gs)) {
    const [, token, , stranger] = match
    if (stranger) throw new SyntaxError(`unexpected "${stranger}" at ${match.index + 1}`)
    if (token) tokens.push({ text: token, at: match.index + 1 })
  }
  return tokens
}
