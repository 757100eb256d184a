/**
 * Text that does nothing where it is pasted: no HTML, no picture, no script behind a link, no mention that calls somebody, no
 * reference that leaves a mark in somebody's issue. A word joiner (U+2060, not seen and not broken at) goes where such a thing
 * would begin. Escapes would be read as they are written in Slack and in plain text; this reads the same everywhere.
 */
const JOINER = '\u2060'
/** Tabs and line ends are wanted; what else steers a terminal or turns the direction of writing is not. */
const STEERING = /(?![\t\n])[\p{Cc}\p{Bidi_Control}]/gu
/** GitHub's mentions begin after no word, Slack's `@here` likewise: an address such as `ana@example.com` is none. */
const MENTION = /(^|[^\w@])@(?=\w)/g
/** `#12` and `acme/agent#12`; `&#12;` is a character. */
const ISSUE = /(?<!&)#(?=\d)/g
/** Anything that CommonMark could take for a tag, a comment or an address in angle brackets. */
const TAG = /<(?=[a-z/!?])/gi
/** Of a link, or of its definition elsewhere, to other places than the web, a mailbox, this site or this page. */
const LINK = /\](\(|:)(?!\s*(?:https?:\/\/|mailto:|\/(?!\/)|#))/gi

export function withoutSteering(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(STEERING, '')
}

/** Markdown that somebody wrote keeps its form. */
export function inertMarkdown(text: string): string {
  return withoutSteering(text)
    .replace(TAG, `<${JOINER}`)
    .replace(/!\[/g, `!${JOINER}[`)
    .replace(LINK, `]${JOINER}$1`)
    .replace(MENTION, `$1@${JOINER}`)
    .replace(ISSUE, `#${JOINER}`)
}

/** One line of words that are no Markdown: not even a link to the web comes of it. */
export function inertLine(text: string): string {
  return inertMarkdown(text.replace(/\s+/g, ' ').trim()).replace(/\](?=[([:])/g, `]${JOINER}`)
}
