/** The two incomplete integrals behind exact intervals of counts, and their inverses. Arguments need not be whole. */

/** Sums and fractions below are cut off where a double says no more. */
const PRECISION = 1e-15
/** They need some multiple of the root of their arguments; this is enough for a billion. */
const TERMS_MAX = 200_000
const TINY = 1e-300
/** Of what is found by halving, as a share of it: more digits than anybody is shown. */
const FOUND_WITHIN = 1e-10

/**
 * The share of a Beta(a, b) distribution below `x`: I_x(a, b).
 * DLMF 8.17.22, the continued fraction, by the method of Lentz; mirrored (8.17.4) where it would be slow.
 */
export function betaShare(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - betaShare(1 - x, b, a)
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b)) / a
  return (
    front /
    continued((step) => {
      const m = step >> 1
      if (step === 0) return 1
      return step % 2 === 0
        ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
        : -((a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    })
  )
}

/** `x` such that `betaShare(x, a, b)` is `share`. */
export function betaQuantile(share: number, a: number, b: number): number {
  return solve((x) => betaShare(x, a, b), share, 1)
}

/** The share of a Gamma(a) distribution below `x`: P(a, x). DLMF 8.7.1 below its mean, 8.9.2 above. */
export function gammaShare(x: number, a: number): number {
  if (x <= 0) return 0
  const front = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x > a + 1)
    return (
      1 -
      front /
        continued(
          (step) => (step === 0 ? x + 1 - a : -step * (step - a)),
          (step) => x + 1 - a + 2 * step,
        )
    )
  let term = 1 / a
  let sum = term
  for (let n = 1; n < TERMS_MAX && term > sum * PRECISION; n++) {
    term *= x / (a + n)
    sum += term
  }
  return front * sum
}

/** `x` such that `gammaShare(x, a)` is `share`. */
export function gammaQuantile(share: number, a: number): number {
  // Ten standard deviations above the mean, and room for the smallest means.
  return solve((x) => gammaShare(x, a), share, a + 10 * Math.sqrt(a) + 50)
}

/** d₀ + n₁/(d₁ + n₂/(d₂ + …)), where n₀ stands for d₀ (modified Lentz: Thompson and Barnett 1986). */
function continued(numerator: (step: number) => number, denominator: (step: number) => number = () => 1): number {
  const awayFrom0 = (value: number): number => (Math.abs(value) < TINY ? TINY : value)
  let value = awayFrom0(numerator(0))
  let [c, d] = [value, 0]
  for (let step = 1; step < TERMS_MAX; step++) {
    const [n, own] = [numerator(step), denominator(step)]
    d = 1 / awayFrom0(own + n * d)
    c = awayFrom0(own + n / c)
    const change = c * d
    value *= change
    if (Math.abs(change - 1) < PRECISION) break
  }
  return value
}

/** Where a function that rises from 0 has the value `share`; by halving, which cannot miss. */
function solve(rising: (x: number) => number, share: number, most: number): number {
  let [low, high] = [0, most]
  for (;;) {
    const middle = (low + high) / 2
    if (high - low <= high * FOUND_WITHIN) return middle
    if (rising(middle) < share) low = middle
    else high = middle
  }
}

/** Lanczos' approximation with g = 7 and nine terms (Godfrey 2001): 15 digits. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const

export function logGamma(x: number): number {
  const [first, ...rest] = LANCZOS
  const sum = rest.reduce<number>((total, term, index) => total + term / (x + index), first)
  const t = x + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}
