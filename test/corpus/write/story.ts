/** How a framework tells the story of `README.md` in spans. Each list is a chain, the outermost span first. */
export interface Framework {
  readonly folder: string
  readonly framework: string
  readonly scope: string
  /** Around the run, and without an end in the story: not even begun for exporters that send what has ended. */
  readonly around?: Told
  /** From whatever is around the run to the span that model and tools are in. */
  readonly run: readonly Told[]
  /** Written twice: the model asks for the tool, and answers. */
  readonly model: readonly Told[]
  /** Empty: a tool call has no span. */
  readonly tool: readonly Told[]
  /** Log records about the steps, by when they are written. */
  readonly logs?: Readonly<Partial<Record<'asked' | 'called' | 'returned', Log>>>
  /** How spans that are still open show themselves; `no`: the exporter sends what has ended, and nothing else. */
  readonly open: 'no' | 'no end' | 'trigger.dev' | 'paths'
  /** Whether `hung-*-open` is written as well: the same with spans that have no end yet, and what is said at the start. */
  readonly alsoOpen?: true
  /** Says nothing of a failure but by an exception: spans are marked as gone well when they begin. */
  readonly saysOkFirst?: true
  readonly expect: Expectation
}

export interface Told {
  readonly name: string
  /** OTLP's: 1 internal, 3 client. */
  readonly kind?: 1 | 3
  /** Said when the span begins. */
  readonly start: Attributes
  /** Said when it ends. */
  readonly end?: Attributes
}

export interface Log {
  readonly name: string
  readonly attributes: Attributes
}

export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** What must be found out: with its root, and before the root ended. */
export interface Expectation {
  readonly whole: Who
  readonly rootless: Who
  /** Steps are named otherwise while they are open. */
  readonly atStart?: Partial<Pick<Expectation, 'model' | 'tool'>>
  /** The name of the model's step. */
  readonly model: string
  /** The name of the tool's; null when nothing shows it. */
  readonly tool: string | null
}

export interface Who {
  readonly agent: string | null
  readonly session: string | null
  readonly user: string | null
  readonly run: string | null
}
