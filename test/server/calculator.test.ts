import { describe, expect, test } from 'vitest'
import { calculate } from '../../server/agent/tools/calculator.ts'

describe('calculate', () => {
  // oxfmt-ignore
  test.each([
    ['1 + 2 * 3',            7],
    ['(1 + 2) * 3',          9],
    ['10 - 4 - 3',           3],
    ['2 ^ 3 ^ 2',          512],
    ['-2 ^ 2',               4],
    ['2 * -3',              -6],
    ['--5',                  5],
    ['7 % 4',                3],
    ['.5 + 1.25',         1.75],
    ['1e3 / 4',            250],
    ['((((8))))',            8],
    [' 12\t/\n3 ',           4],
  ])('%s = %d', (expression, value) => {
    expect(calculate(expression)).toBe(value)
  })

  // oxfmt-ignore
  test.each([
    ['',               /ends where a number should be/],
    ['2 +',            /ends where a number should be/],
    ['(2 + 3',         /bracket is not closed/],
    ['2 3',            /unexpected "3" at 3/],
    ['2 + x',          /unexpected "x" at 5/],
    ['process.exit()', /unexpected "p" at 1/],
    ['* 2',            /expected a number, found "\*" at 1/],
    ['1 / 0',          /no finite value/],
  ])('%s is refused', (expression, problem) => {
    expect(() => calculate(expression)).toThrow(problem)
  })
})
