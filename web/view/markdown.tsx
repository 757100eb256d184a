/**
 * Text that people wrote, as Markdown. Raw HTML in it is shown as it was typed, addresses that a browser would run lead
 * nowhere (both are micromark's own defaults), and pictures are links: nothing of another site is loaded by a look.
 */
import { micromark } from 'micromark'
import { useMemo } from 'preact/hooks'

const NO_PICTURES = { disable: { null: ['labelStartImage'] } }

export function Markdown({ text }: { text: string }) {
  const html = useMemo(() => renderMarkdown(text), [text])
  return <div class="prose" dangerouslySetInnerHTML={{ __html: html }} />
}

export function renderMarkdown(text: string): string {
  // What was typed is encoded by then, so these tags are micromark's own. The page has headings of its own.
  return micromark(text, { extensions: [NO_PICTURES] })
    .replace(/<h[1-6]>/g, '<p><strong>')
    .replace(/<\/h[1-6]>/g, '</strong></p>')
    .replaceAll('<a href=', '<a rel="noopener noreferrer" target="_blank" href=')
}
