/** Goals beside results, as the chaos runs print them. */
export interface GoalTable {
  row(what: string, goal: string, result: string, isMet?: boolean): void
  /** Prints it. @returns whether every goal was met */
  print(title: string): boolean
}

export function createGoalTable(): GoalTable {
  const rows: { readonly what: string; readonly goal: string; readonly result: string; readonly isMet: boolean }[] = []
  return {
    row: (what, goal, result, isMet = true) => void rows.push({ what, goal, result, isMet }),
    print(title) {
      console.log(`${title}\n`)
      for (const { what, goal, result, isMet } of rows)
        console.log(`${what.padEnd(60)} ${goal.padStart(14)} ${result.padStart(14)}  ${isMet ? 'ok' : 'MISSED'}`)
      return rows.every(({ isMet }) => isMet)
    },
  }
}
