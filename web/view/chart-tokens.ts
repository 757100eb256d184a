/** The colours and letters of a chart, as the stylesheet has them. */

export const SERIES_MAX = 8
/** Steps of lightness of the one colour of areas. */
const PHASES_MAX = 7

export interface Tokens {
  readonly ink: string
  readonly ink2: string
  readonly line: string
  readonly accent: string
  readonly surface: string
  readonly font: string
  /** px, of the smallest letters. */
  readonly size: number
  readonly series: readonly string[]
  readonly phases: readonly string[]
}

/** As the stylesheet has them now: a canvas knows no custom properties. */
export function readTokens(canvas: HTMLCanvasElement): Tokens {
  const probe = document.createElement('i')
  canvas.after(probe)
  probe.style.fontSize = 'var(--fs-0)'
  const of = (token: string): string => {
    probe.style.color = `var(--${token})`
    return getComputedStyle(probe).color
  }
  const tokens = {
    ink: of('ink'),
    ink2: of('ink-2'),
    line: of('line'),
    accent: of('accent'),
    surface: of('surface'),
    font: getComputedStyle(canvas).fontFamily,
    size: parseFloat(getComputedStyle(probe).fontSize),
    series: Array.from({ length: SERIES_MAX }, (_, index) => of(`series-${index + 1}`)),
    phases: Array.from({ length: PHASES_MAX }, (_, index) => of(`phase-${index + 1}`)),
  }
  probe.remove()
  return tokens
}
