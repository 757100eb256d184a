/** What a visit downloads stays within its budget, and no file escapes being counted. */
import { expect, test } from 'vitest'
import { measureSizes } from '../../bench/web/sizes.ts'
import { buildWeb } from './kit/build-web.ts'

test('the first visit, the styles and the charts are within their budgets', async () => {
  const { sizes, uncounted } = measureSizes((await buildWeb()).dir)
  const names = sizes.map(({ what }) => what)
  expect(names).toEqual(expect.arrayContaining(['js, first visit', 'css', 'js, trends-page besides']))
  expect(sizes.filter(({ isWithin }) => !isWithin)).toEqual([])
  expect(uncounted).toEqual([])
})
