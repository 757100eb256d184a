/** What a list looks like before its first data. It shows only when that takes a while. */
export function SkeletonRows() {
  return (
    <div class="skeleton" aria-hidden="true">
      <i />
      <i />
      <i />
    </div>
  )
}
