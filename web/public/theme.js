// Runs before the styles paint: a stored choice wins over the system's.
try {
  const theme = localStorage.getItem('laststep-theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage may be forbidden; then the system's theme holds.
}
